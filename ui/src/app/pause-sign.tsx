// Says in the top bar that nothing is being recorded, on every page, and leads to where that is ended.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { settings } from '@/api/catalogue'
import { momentExact, stampText } from '@/lib/time'

export function PauseSign() {
  const values = useQuery(settings()).data?.settings
  if (!values?.is_paused) return null
  const end = values.paused_until === null ? '' : ` until ${stampText(values.paused_until)}`
  return (
    <Link
      to="/settings"
      className="flex items-center gap-1.5 rounded-md border border-wait px-1.5 whitespace-nowrap text-wait hover:bg-hover"
      title={`What happens now is not recorded. ${values.paused_until === null ? 'Somebody has to end the pause.' : `It ends by itself: ${momentExact(values.paused_until)}`}`}
    >
      <span aria-hidden="true" className="text-12">▲</span>
      <span>
        <span className="max-sm:sr-only">paused</span><span className="max-md:hidden">{end}</span>
      </span>
    </Link>
  )
}
