// @ts-check
/**
 * The log server's API, with the token that every request carries.
 *
 * @typedef {{ id: string, username: string, address: string }} Claim somebody else under the name
 * @typedef {{ peer: string, username: string, lastText: string | null, lastAt: string, trust?: string, namesakeOf?: string | null,
 *   claims?: Claim[] }} Conversation
 * @typedef {{ id: string, peer: string, username: string, direction: 'sent' | 'received', text: string | null,
 *   sentAt: string, committedAt: string, state: string }} Message
 */

export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class Api {
  #token;

  /** @param {string} token */
  constructor(token) {
    this.#token = token;
  }

  /** @param {string} path @param {RequestInit & { headers?: Record<string, string> }} [options] @returns {Promise<Response>} */
  async fetch(path, { headers = {}, ...options } = {}) {
    const response = await fetch(path, { ...options, headers: { ...headers, Authorization: `Bearer ${this.#token}` } });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({ error: undefined }));
    throw new ApiError(response.status, error?.code ?? 'unknown', error?.message ?? response.statusText);
  }

  /** Every conversation, the newest first. @returns {Promise<Conversation[]>} */
  async conversations() {
    /** @type {Conversation[]} */
    const all = [];
    for (let next = ''; ;) {
      const page = await this.#page(`/api/v1/conversations${next}`);
      all.push(...page.items);
      if (page.next === null) return all;
      next = `?before=${page.next}`;
    }
  }

  /** A page of messages, oldest first. @param {string} peer @param {string | null} before @returns {Promise<{ items: Message[], next: string | null }>} */
  messages(peer, before) {
    return this.#page(`/api/v1/conversations/${peer}/messages?limit=100${before === null ? '' : `&before=${before}`}`);
  }

  /** The newest messages with all these words. @param {string} words @returns {Promise<Message[]>} */
  async search(words) {
    return (await this.#page(`/api/v1/search?limit=100&q=${encodeURIComponent(words)}`)).items;
  }

  /** A whole conversation as a file. @param {string} peer @param {string} format @returns {Promise<Blob>} */
  async export(peer, format) {
    return (await this.fetch(`/api/v1/export?peer=${peer}&format=${format}`)).blob();
  }

  /** @param {string} path */
  async #page(path) {
    return (await this.fetch(path)).json();
  }
}
