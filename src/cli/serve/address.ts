// Owns where a server listens when nobody says.

/** The port. */
export const DEFAULT_PORT = 4141;
/** The address: this machine only. */
export const DEFAULT_ADDRESS = '127.0.0.1';
