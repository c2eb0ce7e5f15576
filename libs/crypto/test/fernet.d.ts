/** The part of the npm package `fernet` that the cross-check uses; it brings no types of its own. */
declare module 'fernet' {
  interface Secret {
    readonly signingKeyHex: string;
  }
  interface TokenOptions {
    secret: Secret;
    token?: string;
    /** Seconds; 0 checks no age, left out means 60. */
    ttl?: number;
    /** Anything Date.parse reads. */
    time?: string;
    /** Broken in 0.4.0: it takes the indexes for the values, so that every array of 16 means 00 01 … 0f. */
    iv?: readonly number[];
  }
  const fernet: {
    Secret: new (base64url: string) => Secret;
    Token: new (options: TokenOptions) => { encode(text: string): string; decode(): string };
  };
  export default fernet;
}
