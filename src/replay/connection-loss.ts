/** Connection errors of the driver, and SQLSTATE classes 08, 53 and 57P (shutting down, starting up). */
export function isConnectionLoss(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(CONNECT_TIMEOUT|CONNECTION_|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|08|53|57P)/.test(code);
}
