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
  sessions: 'M2 3.500h5M4 8h8M6 12.500h8M2 3.500v9',
  capture: 'M8 2v7M5 6.500l3 3 3-3M2.500 10v3.500h11V10',
  theme: 'M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 0 1 0 11',
  keys: 'M1.500 4.500h13v7h-13zM4 7h.010M6.500 7h.010M9 7h.010M11.500 7h.010M5 9.500h6',
  fold: 'M10 4 6 8l4 4',
  unfold: 'M6 4l4 4-4 4',
}
