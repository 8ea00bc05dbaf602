/** The version that the API, the console and the start name. */
export const VERSION = '0.1.0';
