// Without a token: how to get one, and nothing else.
import { ShellCommand } from '@/components/states'

export function SignIn({ isRefused }: { isRefused: boolean }) {
  return (
    <main className="grid h-full place-items-center px-4">
      <div className="max-w-[440px]">
        <h1 className="text-20">Argus</h1>
        <p className="mt-3">
          {isRefused ? 'That link was used already or is too old. For a new one, run ' : 'To open this dashboard, run '}
          <ShellCommand>argus open</ShellCommand>
        </p>
        <p className="mt-2 text-muted">
          The link it opens works once, for a minute. It is needed again after the server was started anew.
        </p>
      </div>
    </main>
  )
}
