/** A client that uses the API like a signed-in browser, to prepare a test. */
export class Client {
  readonly #url: string;
  #cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  static async signIn(url: string, username: string, password: string): Promise<Client> {
    const client = new Client(url);
    await client.post('/session', { username, password });
    return client;
  }

  get = <T>(path: string) => this.#send<T>('GET', path);
  post = <T = unknown>(path: string, body?: unknown) => this.#send<T>('POST', path, body);
  patch = <T = unknown>(path: string, body: unknown) => this.#send<T>('PATCH', path, body);

  async #send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {
      origin: this.#url,
      cookie: this.#cookie,
      'idempotency-key': crypto.randomUUID(),
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const [cookie] = answer.headers.getSetCookie();
    if (cookie) this.#cookie = cookie.split(';')[0] ?? '';
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}
