import type { FastifyRequest } from 'fastify';
import { cookieName } from './cookies.ts';

/** True for names and addresses of this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Whether cookies of this answer are Secure: always, but for plain http on loopback (a first look at the product, and
 * tests). Behind a proxy that is not in the trusted list the Host header names the public host, so it stays Secure.
 */
export function isSecure(request: FastifyRequest): boolean {
  const remote = request.socket.remoteAddress ?? '';
  const loopbackPeer = remote === '' || isLoopbackHost(remote.replace(/^::ffff:/, ''));
  return !(request.protocol === 'http' && loopbackPeer && isLoopbackHost(request.host));
}

/** The value of a cookie by its base name. */
export function cookieOf(request: FastifyRequest, base: string): string | undefined {
  return request.cookies[cookieName(base, isSecure(request))];
}

/** The origins that a page of ours may have in this request. */
export function ownOrigins(request: FastifyRequest, publicUrl: string | undefined): string[] {
  const origins = [`${request.protocol}://${request.host}`];
  if (publicUrl !== undefined && URL.canParse(publicUrl)) origins.push(new URL(publicUrl).origin);
  return origins;
}

/** The origin of the page that asks when it is ours, else the address that was called. */
export function pageOrigin(request: FastifyRequest, publicUrl: string | undefined): string {
  const own = ownOrigins(request, publicUrl);
  const said = headerOf(request, 'origin');
  return said !== undefined && own.includes(said) ? said : `${request.protocol}://${request.host}`;
}

/** One value of a header, undefined when absent. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The peer's address after the trusted-proxy rule. */
export function addressOf(request: FastifyRequest): string | null {
  return request.ip === '' ? null : request.ip.replace(/^::ffff:(?=\d+\.)/, '');
}
