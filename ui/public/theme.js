// Runs before the first paint, so that a chosen theme never flashes the other one. Without a choice the system's holds.
;(() => {
  try {
    const chosen = localStorage.getItem('argus.theme')
    if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen
  } catch {
    // Storage refused: the system's theme it is.
  }
})()
