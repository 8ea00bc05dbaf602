import { catalogue } from './catalogue.ts';

export const inboundText = catalogue({
  en: {
    title: 'Inbound mail',
    lead: 'Mail from outside that comes through Sealpost is opened with your keys, its signatures are checked, and it is handed to your own mail server by verified TLS. A domain without a server is not accepted.',
    loading: 'Your domains are being loaded',
    none: 'Your organisation has no domain yet.',
    listening: (host: string, port: number) =>
      `This Sealpost listens for mail from outside: ${host}, port ${port}.`,
    notListening:
      'This process does not listen for mail from outside. The operator turns it on with SEALPOST_INBOUND_PORT.',
    notAccepted: 'Not accepted',
    handedTo: (host: string, port: number) => `Handed to ${host}, port ${port}`,
    changed: 'set',
    by: 'by',
    set: 'Name a server',
    change: 'Change',
    setTitle: (domain: string) => `Mail server for ${domain}`,
    setLead:
      'Your own server, such as the address that Microsoft 365 or Google gave you for incoming mail. Its certificate must be made out to this name.',
    host: 'Name of the server',
    hostHint: 'A name, not an address: the certificate is checked against it.',
    port: 'Port',
    save: 'Save',
    stop: 'Stop accepting',
    stopTitle: (domain: string) => `Accept no more mail for ${domain}?`,
    stopLead:
      'What has come in and was not handed on yet waits until a server is named again, or its time is over.',
    check: 'Check the server',
    outcomes: {
      ready: 'It answers, and its TLS can be verified.',
      unprotected: 'It answers, but its TLS cannot be verified: mail would wait.',
      refused: 'It answers and does not want to talk to us.',
      unreachable: 'It cannot be reached.',
    },
    details: {
      'dns-failed': 'The name servers did not answer.',
      'no-address': 'The name has no address.',
      'address-not-allowed':
        'Its address is private. The operator can allow the network with SEALPOST_INBOUND_HOST_NETWORKS.',
      'dnssec-failed': 'Its signed DNS could not be verified.',
      timeout: 'It took too long to answer.',
    } as Readonly<Record<string, string>>,
  },
});
