// Starts the dashboard. A one-time code in the address is exchanged first, so that the first question has a token.
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { exchangeCode, takeCode } from './api/token'
import { App } from './app/app'
import './styles.css'

async function start(): Promise<void> {
  const code = takeCode()
  let isCodeRefused = false
  if (code !== null) {
    // A token from before may still be good; if it is not, the first answer says so.
    isCodeRefused = !(await exchangeCode(code).catch(() => false))
  }
  const place = document.getElementById('root')
  if (!place) return
  createRoot(place).render(
    <StrictMode>
      <App isCodeRefused={isCodeRefused} />
    </StrictMode>,
  )
}

void start()
