import { BlockList, isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';

const OWN_STATUS = /^[245]\.\d{1,3}\.\d{1,3} /;

/** One connection. Replies of ours bring their own enhanced status, so the library's table is not asked for one. */
class SubmissionConnection extends SMTPConnection {
  #gathering = false;

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (code !== 421) this.#gather();
    super.send(code, data, typeof data === 'string' && OWN_STATUS.test(data) ? false : context);
  }

  /** Replies to commands that came together leave together (RFC 2920 §3.2): one TLS record, not one each. */
  #gather(): void {
    const socket = this._socket;
    if (this.#gathering || !this.session.secure || this._upgrading || socket.destroyed) return;
    this.#gathering = true;
    socket.cork();
    setImmediate(() => {
      this.#gathering = false;
      socket.uncork();
    });
  }

  /** Greets at once: the library waits 100 ms to catch spam senders, who do not get past AUTH here anyway. */
  override init(): void {
    this._setListeners(() => {
      const { maxClients } = this._server.options;
      if (maxClients !== undefined && this._server.connections.size > maxClients) {
        this.send(421, '4.7.0 Too many connections, try again later');
        return;
      }
      this.connectionReady();
    });
  }

  /** Ends the connection unless the client is being served: a message on its way in, or a command being answered. */
  closeIfIdle(): void {
    const receiving = this._dataStream !== false && this._dataStream !== null;
    if (!receiving && !this._handlerPending && this._ready)
      this.send(421, '4.3.2 Shutting down, try again later');
  }
}

/** Peers that may state another address by the PROXY protocol: addresses and CIDR ranges. */
export function trustedPeers(list: readonly string[]): BlockList {
  const peers = new BlockList();
  for (const entry of list) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address);
    if (family === 0) throw new RangeError('a trusted proxy is an address or a CIDR range');
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) peers.addAddress(address, kind);
    else peers.addSubnet(address, Number(prefix), kind);
  }
  return peers;
}

/** The library's server with our connections and our list of trusted proxies. */
export class SubmissionServer extends SMTPServer {
  readonly #proxies: BlockList;

  constructor(options: SMTPServerOptions, proxies: BlockList) {
    super(options);
    this.#proxies = proxies;
  }

  override connect(socket: Socket | TLSSocket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new SubmissionConnection(this, socket, socketOptions);
    this.connections.add(connection);
    connection.on('error', (error) => this._onError(error));
    connection.on('connect', (data) => this._onClientConnect(data));
    connection.init();
  }

  override _expectsProxyHeader(socket: Socket): boolean {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
    const family = isIP(address);
    return family !== 0 && this.#proxies.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  closeIdle(): void {
    for (const connection of this.connections)
      if (connection instanceof SubmissionConnection) connection.closeIfIdle();
  }
}
