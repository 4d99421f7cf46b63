// The whole dashboard: signed in or not, then the router.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { shouldRetry } from '@/api/queries'
import { token, watchToken } from '@/api/token'
import { KeyboardProvider } from '@/components/keys'
import { NoticesProvider } from '@/components/notices'
import { LiveProvider } from './live'
import { router } from './router'
import { SignIn } from './sign-in'
import { TriageProvider } from './triage'

export function App({ isCodeRefused }: { isCodeRefused: boolean }) {
  const current = useSyncExternalStore(watchToken, token)
  if (current === null) return <SignIn isRefused={isCodeRefused} />
  return <SignedIn key={current} />
}

function SignedIn() {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { retry: shouldRetry, retryDelay: 400, refetchOnWindowFocus: false } } }),
  )
  useEffect(() => () => client.clear(), [client])
  return (
    <QueryClientProvider client={client}>
      <KeyboardProvider>
        <NoticesProvider>
          <TriageProvider>
            <LiveProvider>
              <RouterProvider router={router} />
            </LiveProvider>
          </TriageProvider>
        </NoticesProvider>
      </KeyboardProvider>
    </QueryClientProvider>
  )
}
