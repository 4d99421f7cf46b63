// The shape that all rows of the trace share, so that what is drawn over them lies where they do.
export const ROW_HEIGHT = 28
export const COLUMNS = 'grid-cols-[minmax(260px,7fr)_72px_64px_52px_minmax(140px,6fr)] max-md:grid-cols-[minmax(0,1fr)_64px_56px]'
