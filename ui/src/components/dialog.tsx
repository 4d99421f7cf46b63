// A modal over the page; Esc and a click beside it close it, and the focus goes back to where it was.
import { useEffect, useRef, type ReactNode } from 'react'

interface DialogProps {
  label: string
  onClose: () => void
  children: ReactNode
}

export function Dialog({ label, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close()
      }}
      className="mx-auto mt-[12vh] max-h-[70vh] w-[560px] max-w-[calc(100vw-16px)] overflow-hidden rounded-md border border-edge bg-raised p-0 text-ink backdrop:bg-ground/60"
    >
      {children}
    </dialog>
  )
}
