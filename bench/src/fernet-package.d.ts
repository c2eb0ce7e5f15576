/** The part of the npm package `fernet` that is measured; it brings no types of its own. */
declare module 'fernet' {
  type Secret = object;
  interface TokenOptions {
    secret: Secret;
    token?: string;
    /** Seconds; 0 checks no age, left out means 60. */
    ttl?: number;
  }
  const fernet: {
    Secret: new (base64url: string) => Secret;
    Token: new (options: TokenOptions) => { encode(text: string): string; decode(): string };
  };
  export default fernet;
}
