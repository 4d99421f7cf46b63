export function SessionPage(_: { sessionId: string; place: object; onPlace: (change: object) => void }) {
  return null
}
