// Says on every page that what is shown was made up.
import { useQuery } from '@tanstack/react-query'
import { serverFacts } from '@/api/queries'

export function DemoSign() {
  const { data } = useQuery(serverFacts())
  if (!data?.is_demo) return null
  return (
    <span className="whitespace-nowrap rounded-md border border-edge px-2 text-12 text-medium" title="argus demo: every session here is made up">
      Demo <span className="max-sm:sr-only">· made-up data</span>
    </span>
  )
}
