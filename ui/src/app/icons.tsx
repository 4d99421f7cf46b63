// The few icons of the rail, drawn on a grid of 16.

interface IconProps {
  path: string
}

export function Icon({ path }: IconProps) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.3" aria-hidden="true" className="shrink-0">
      <path d={path} />
    </svg>
  )
}

export const ICONS = {
  overview: 'M2.500 2.500h4.500v6H2.500zM9 2.500h4.500v3.500H9zM9 8h4.500v5.500H9zM2.500 10.500h4.500v3H2.500z',
  live: 'M1.500 8h3l2-5 3 10 2-5h3',
  alerts: 'M8 2 14.500 13.500h-13zM8 6.500v3.500M8 11.500v.6',
  cost: 'M2.500 2.500v11h11M5 11V8M8 11V5M11 11V6.500',
  tools: 'M10 2.500a3.500 3.500 0 0 0-3.300 4.700L2.500 11.500l2 2 4.300-4.200A3.500 3.500 0 0 0 13.500 6l-2 1-1.500-1.500 1-2z',
  rules: 'M8 1.800 13.500 4v4c0 3-2.300 5-5.500 6.200C4.800 13 2.500 11 2.500 8V4zM5.500 8l1.800 1.800L10.800 6.300',
  guard: 'M3 14V6.500a5 5 0 0 1 10 0V14zM3 9h10M6 9v5M10 9v5',
  secrets: 'M6 7.500a3 3 0 1 1 2.800 4h-.8l-1-1M8.800 8.500h.010M6.300 7.800 2 12v2h2.500v-1.500H6V11h1.500',
  search: 'M7 2.500a4.500 4.500 0 1 0 .010 0zM10.300 10.300l3.500 3.500',
  settings: 'M2 4.500h6M11 4.500h3M2 11.500h3M8 11.500h6M8 2.800v3.400h3V2.800zM5 9.800v3.400h3V9.800z',
  more: 'M2.500 8h2M7 8h2M11.500 8h2',
  sessions: 'M2 3.500h5M4 8h8M6 12.500h8M2 3.500v9',
  capture: 'M8 2v7M5 6.500l3 3 3-3M2.500 10v3.500h11V10',
  theme: 'M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 0 1 0 11',
  keys: 'M1.500 4.500h13v7h-13zM4 7h.010M6.500 7h.010M9 7h.010M11.500 7h.010M5 9.500h6',
  fold: 'M10 4 6 8l4 4',
  unfold: 'M6 4l4 4-4 4',
}
