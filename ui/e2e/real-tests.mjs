export const realTests = () => []
