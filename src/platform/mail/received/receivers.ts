import type { Confidence, ParsedReceived } from './types.ts';

/** A receiver whose lines always tell of TLS when there was any: its silence speaks. */
export interface KnownReceiver {
  readonly service: string;
  /** Registrable domains, or longer names, that its receiving hosts stand in. */
  readonly domains: readonly string[];
  /** How it tells, for the reader of this table. */
  readonly tells: string;
  /** How sure its silence is. `medium`: seen to tell always, but its format has changed over the years. */
  readonly confidence: Exclude<Confidence, 'low'>;
}

/**
 * What is known of receivers, from their published documentation and from lines that they wrote. A service that is missing here
 * may tell as well: then nothing is inferred. Amazon SES, whose inbound hosts write no note, is left out on purpose.
 */
export const KNOWN_RECEIVERS: readonly KnownReceiver[] = [
  {
    service: 'Gmail',
    domains: ['google.com', 'googlemail.com'],
    tells: '(version=TLS1_3 cipher=… bits=…)',
    confidence: 'high',
  },
  {
    service: 'Exchange Online',
    domains: ['outlook.com', 'office365.us'],
    tells: '(version=TLS1_2, cipher=…)',
    confidence: 'high',
  },
  {
    service: 'McAfee Email Protection (MX Logic)',
    domains: ['mxlogic.net'],
    tells: 'over TLS secured channel',
    confidence: 'high',
  },
  {
    service: 'Proofpoint',
    domains: ['pphosted.com', 'ppops.net', 'ppe-hosted.com'],
    tells: '(version=TLSv1.2 cipher=… verify=NOT)',
    confidence: 'high',
  },
  {
    service: 'Mimecast',
    domains: ['mimecast.com', 'mimecast-offshore.com', 'mimecast.co.za'],
    tells: 'with STARTTLS (version=TLSv1.2, cipher=…)',
    confidence: 'high',
  },
  {
    service: 'Symantec Email Security.cloud (MessageLabs)',
    domains: ['messagelabs.com', 'messagelabs.net'],
    tells: 'with … encrypted SMTP',
    confidence: 'high',
  },
  {
    service: 'Cisco Secure Email Cloud',
    domains: ['iphmx.com'],
    tells: 'ESMTP/TLS/cipher',
    confidence: 'high',
  },
  { service: 'Postini', domains: ['psmtp.com', 'postini.com'], tells: '(using TLSv1)', confidence: 'medium' },
  {
    service: 'Barracuda Email Gateway Defense',
    domains: ['barracudanetworks.com'],
    tells: '(version=TLSv1.2 cipher=…)',
    confidence: 'medium',
  },
  {
    service: 'Fastmail',
    domains: ['messagingengine.com', 'fastmail.com'],
    tells: '(using TLSv1.3 with cipher …)',
    confidence: 'high',
  },
  {
    service: 'Yahoo',
    domains: ['yahoo.com', 'yahoo.net', 'yahoodns.net'],
    tells: 'ESMTPS; (version=TLS1_2 cipher=…)',
    confidence: 'medium',
  },
  {
    service: 'Zoho',
    domains: ['zohomail.com', 'zoho.com', 'zohomail.eu', 'zoho.eu'],
    tells: 'with SMTPS',
    confidence: 'medium',
  },
  { service: 'iCloud', domains: ['icloud.com', 'me.com'], tells: 'ESMTPS', confidence: 'medium' },
  {
    service: 'GMX and WEB.DE',
    domains: ['gmx.net', 'web.de', 'kundenserver.de'],
    tells: 'ESMTPS (Nemesis)',
    confidence: 'medium',
  },
  {
    service: 'Proton',
    domains: ['protonmail.ch', 'proton.me'],
    tells: '(using TLSv1.3 with cipher …) ESMTPS',
    confidence: 'high',
  },
  {
    service: 'Trend Micro Email Security',
    domains: ['trendmicro.com', 'trendmicro.eu'],
    tells: '(using TLSv1.2 with cipher …) ESMTPS',
    confidence: 'medium',
  },
  {
    service: 'Hornetsecurity',
    domains: ['hornetsecurity.com', 'antispameurope.com'],
    tells: '(using TLSv1.2 with cipher …) ESMTPS',
    confidence: 'medium',
  },
];

/** The known receiver whose host this is; null for others. */
export function knownReceiver(host: string | null): KnownReceiver | null {
  if (host === null) return null;
  const name = host.toLowerCase();
  const within = (domain: string): boolean => name === domain || name.endsWith(`.${domain}`);
  return KNOWN_RECEIVERS.find(({ domains }) => domains.some(within)) ?? null;
}

/**
 * Programs that write ESMTPS, or a note, for every encrypted connection unless an administrator has changed their format.
 * Not enough for an inference, but worth telling.
 */
const USUALLY_TELLING = [
  'Postfix',
  'Exim',
  'Microsoft',
  'OpenSMTPD',
  'Haraka',
  'Halon',
  'Stalwart',
  'Nemesis',
  'CommuniGate',
];

export function usuallyTells({ software }: ParsedReceived): boolean {
  return software !== null && USUALLY_TELLING.includes(software);
}
