/** A listener that could not be opened. The text says which setting to change. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
  readonly code = 'CANNOT_LISTEN';
}

/** Words the system's refusals to listen; anything else stays the fault that it is. */
export async function listening<T>(setting: string, address: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const port = 'port' in error && typeof error.port === 'number' ? ` ${error.port}` : '';
    switch (error.code) {
      case 'EADDRINUSE':
        throw new CannotListen(
          `port${port} on ${address} is in use by another program (or another Sealpost). Stop it, or choose another port with ${setting}.`,
        );
      case 'EACCES':
        throw new CannotListen(
          `this user may not listen on port${port}. Choose one above 1023 with ${setting}.`,
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        throw new CannotListen(
          `${address} is not an address of this machine. Change ${setting === 'SEALPOST_HEALTH_PORT' ? 'SEALPOST_HEALTH_BIND' : 'SEALPOST_BIND'}.`,
        );
      default:
        throw error;
    }
  }
}
