export const startRealServer = async () => null
