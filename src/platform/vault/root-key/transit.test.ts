import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyServiceUnavailable, RootKeyWrong } from '../errors.ts';
import { CLINIC, SUBJECT, type TestHome, testHome } from '../vault-fixture.ts';
import { createTransitKey, type TransitOptions } from './transit.ts';

const TOKEN = 'hvs.test-token';

/**
 * A key service as the public documentation of Vault's and OpenBao's transit API describes it: encrypt and decrypt
 * with base64 fields, `associated_data`, `context` for derived keys, versions in the ciphertext, JSON errors.
 */
class FakeTransit {
  readonly versions = [randomBytes(32)];
  readonly requests: { path: string; body: Record<string, string>; namespace: string | undefined }[] = [];
  /** Behaves as versions before associated_data was known: leaves it unread. */
  ignoresAssociatedData = false;
  derived = false;
  /** Answers that come before the real one: a status, or silence. */
  readonly trouble: (number | 'silence' | 'garbage')[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const blocks: Buffer[] = [];
    for await (const block of request) blocks.push(block);
    const path = request.url ?? '';
    const reply = (status: number, document: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    };
    const trouble = this.trouble.shift();
    if (trouble === 'silence') return;
    if (trouble === 'garbage') return void response.writeHead(200).end('<html>');
    if (trouble !== undefined) return reply(trouble, { errors: ['trouble'] });
    if (request.headers['x-vault-token'] !== TOKEN) return reply(403, { errors: ['permission denied'] });
    const body: Record<string, string> = JSON.parse(Buffer.concat(blocks).toString('utf8'));
    this.requests.push({ path, body, namespace: request.headers['x-vault-namespace']?.toString() });
    const [, , mount, verb, name] = path.split('/');
    if (mount !== 'transit') return reply(404, { errors: [`no handler for route "${mount}"`] });
    if (name !== 'sealpost')
      return reply(verb === 'decrypt' ? 400 : 403, { errors: ['encryption key not found'] });
    if (this.derived && !body.context)
      return reply(400, { errors: ["missing 'context' for key derivation"] });
    if (verb === 'encrypt') return reply(200, { data: this.#encrypt(body) });
    const plaintext = this.#decrypt(body);
    if (plaintext === undefined) return reply(400, { errors: ['cipher: message authentication failed'] });
    reply(200, { data: { plaintext } });
  }

  #bound(body: Record<string, string>): Buffer {
    const associated = this.ignoresAssociatedData ? '' : (body.associated_data ?? '');
    return Buffer.from(`${associated}|${this.derived ? body.context : ''}`);
  }

  #encrypt(body: Record<string, string>) {
    const version = this.versions.length;
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.versions[version - 1] ?? Buffer.alloc(32), nonce);
    cipher.setAAD(this.#bound(body));
    const sealed = [
      nonce,
      cipher.update(body.plaintext ?? '', 'base64'),
      cipher.final(),
      cipher.getAuthTag(),
    ];
    return {
      ciphertext: `vault:v${version}:${Buffer.concat(sealed).toString('base64')}`,
      key_version: version,
    };
  }

  #decrypt(body: Record<string, string>): string | undefined {
    const [, version, text] = /^vault:v(\d+):(.+)$/.exec(body.ciphertext ?? '') ?? [];
    const key = this.versions[Number(version) - 1];
    if (key === undefined || text === undefined) return undefined;
    const sealed = Buffer.from(text, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      decipher.setAAD(this.#bound(body));
      decipher.setAuthTag(sealed.subarray(-16));
      const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
      return plain.toString('base64');
    } catch {
      return undefined;
    }
  }
}

let home: TestHome;
let service: FakeTransit;
beforeEach(async () => {
  home = testHome();
  service = new FakeTransit();
  await service.listen();
});
afterEach(() => {
  service.close();
  home.remove();
});

const provider = (options: Partial<TransitOptions> = {}) =>
  createTransitKey({ address: service.address, token: TOKEN, key: 'sealpost', timeoutMs: 300, ...options });

describe('a root key in a key service', () => {
  test('founds and opens a vault; the service never sees content', async () => {
    const vault = await home.open({ rootKey: provider({ namespace: 'health' }) });
    const key = await vault.newObjectKey(CLINIC, 'message');
    const sealed = vault.seal(key, SUBJECT, 'content');
    const again = await home.open({ rootKey: provider() });
    expect(again.openText(await again.openObjectKey(CLINIC, key.wrapped), SUBJECT, sealed)).toBe('content');
    expect(service.requests[0]?.namespace).toBe('health');
    expect(service.requests.every(({ body }) => body.associated_data !== undefined)).toBe(true);
    expect(JSON.stringify(service.requests)).not.toContain('content');
    expect(await vault.makeRecoveryKit()).toBeNull(); // the key stays in the service
  });

  test('works with derived keys, which want a context', async () => {
    service.derived = true;
    await expect(home.open({ rootKey: provider() })).rejects.toThrow(RootKeyWrong);
    const key = await (await home.open({ rootKey: provider({ derived: true }) })).newObjectKey(
      CLINIC,
      'message',
    );
    await (await home.open({ rootKey: provider({ derived: true }) })).openObjectKey(CLINIC, key.wrapped);
  });

  test.each([false, true])(
    'holds each wrapped key to its place (service ignores the binding: %s)',
    async (ignores) => {
      service.ignoresAssociatedData = ignores;
      const root = provider();
      await root.prepare('first');
      const wrapped = await root.wrap(Buffer.alloc(32, 7), Buffer.from('here'));
      expect(await root.unwrap(wrapped, Buffer.from('here'))).toEqual(Buffer.alloc(32, 7));
      await expect(root.unwrap(wrapped, Buffer.from('there'))).rejects.toThrow(RootKeyWrong);
    },
  );

  test('follows the service’s own rotation: old ones open, rotateRoot wraps by the newest', async () => {
    const vault = await home.open({ rootKey: provider() });
    const key = await vault.newObjectKey(CLINIC, 'message');
    service.versions.push(randomBytes(32));
    await (await home.open({ rootKey: provider() })).openObjectKey(CLINIC, key.wrapped);
    expect((await vault.rotateRoot()).rewrapped).toBe(1);
    service.versions[0] = randomBytes(32); // the service trims version 1
    await (await home.open({ rootKey: provider() })).openObjectKey(CLINIC, key.wrapped);
  });

  test('tries a second time after trouble, then says that it is unavailable', async () => {
    const root = provider();
    await root.prepare('first');
    for (const trouble of [503, 500, 'silence'] as const) {
      service.trouble.push(trouble);
      await root.wrap(Buffer.alloc(32), Buffer.from('x'));
    }
    for (const trouble of [503, 429, 307, 'silence', 'garbage'] as const) {
      service.trouble.push(trouble, trouble);
      await expect(root.wrap(Buffer.alloc(32), Buffer.from('x'))).rejects.toThrow(KeyServiceUnavailable);
      service.trouble.length = 0;
    }
    service.close();
    await expect(root.wrap(Buffer.alloc(32), Buffer.from('x'))).rejects.toThrow(KeyServiceUnavailable);
  });

  test('refuses at once with a wrong token, key or mount, and with clear http beyond loopback', async () => {
    for (const wrong of [{ token: 'other' }, { key: 'absent' }, { mount: 'absent' }]) {
      await expect(home.open({ rootKey: provider(wrong) })).rejects.toMatchObject({
        code: 'key-service-refused',
      });
    }
    expect(() => provider({ address: 'http://vault.example:8200' })).toThrow(RootKeyWrong);
    expect(() => provider({ address: 'https://vault.example:8200' })).not.toThrow();
  });

  test('another key over existing keys stops the start', async () => {
    await home.open({ rootKey: provider() });
    service.versions[0] = randomBytes(32);
    await expect(home.open({ rootKey: provider() })).rejects.toMatchObject({ code: 'root-key-does-not-fit' });
    await expect(home.open({ rootKey: provider({ key: 'other' }) })).rejects.toThrow(RootKeyWrong);
  });
});
