import { describe, expect, it } from 'vitest';
import { parseReceived } from './parse-received.ts';
import type { ParsedReceived } from './types.ts';

const DATE = 'Tue, 24 Nov 2026 10:00:00 +0000';

interface Wanted {
  readonly claimed?: string | null;
  readonly resolved?: string | null;
  readonly address?: string | null;
  readonly by?: string | null;
  readonly protocol?: string | null;
  readonly version?: string | null;
  readonly cipher?: string | null;
  readonly bits?: number | null;
  readonly client?: string | null;
  readonly id?: string | null;
  readonly recipient?: string | null;
  readonly software?: string | null;
  readonly local?: boolean;
  readonly tls?: boolean;
}

function seen(read: ParsedReceived | null): Required<Omit<Wanted, 'tls'>> & { tls: boolean } {
  return {
    claimed: read?.from.claimedName ?? null,
    resolved: read?.from.resolvedName ?? null,
    address: read?.from.address ?? null,
    by: read?.by.name ?? null,
    protocol: read?.protocol ?? null,
    version: read?.tls?.version ?? null,
    cipher: read?.tls?.cipher ?? null,
    bits: read?.tls?.bits ?? null,
    client: read?.tls?.clientCertificate ?? null,
    id: read?.id ?? null,
    recipient: read?.recipient ?? null,
    software: read?.software ?? null,
    local: read?.local ?? false,
    tls: (read?.tls ?? null) !== null,
  };
}

const LINES: readonly (readonly [format: string, line: string, wanted: Wanted])[] = [
  [
    'Postfix',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits)) (No client certificate requested) by mail.clinic.example (Postfix) with ESMTPS id 4XyZ for <ann@clinic.example>',
    {
      claimed: 'mx.lab.example',
      resolved: 'mx.lab.example',
      address: '198.51.100.7',
      by: 'mail.clinic.example',
      protocol: 'ESMTPS',
      version: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      bits: 256,
      client: 'not-asked',
      id: '4XyZ',
      recipient: '•••@clinic.example',
      software: 'Postfix',
    },
  ],
  [
    'Postfix with a client certificate',
    'from a.example (a.example [198.51.100.7]) (using TLSv1.2 with cipher ECDHE-RSA-AES128-GCM-SHA256 (128/128 bits)) (Client CN "a.example", Issuer "Some CA" (verified OK)) by b.example (Postfix) with ESMTPS id 1',
    { version: 'TLSv1.2', bits: 128, client: 'verified' },
  ],
  [
    'Postfix, no name for the address',
    'from lab (unknown [IPv6:2001:db8::25]) by mail.clinic.example (Postfix) with SMTP id 2',
    { claimed: 'lab', resolved: null, address: '2001:db8::25', protocol: 'SMTP', tls: false },
  ],
  [
    'Sendmail of today',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example (8.17.1/8.17.1) with ESMTPS id x1 (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO) for <ann@clinic.example>',
    { version: 'TLSv1.3', bits: 256, client: 'not-presented', software: 'Sendmail' },
  ],
  [
    'Sendmail of old: verify=NOT, TLSv1/SSLv3 tells no version',
    'from mx.lab.example (mx.lab.example [198.51.100.7] (may be forged)) by mail.clinic.example (8.13.8/8.13.8) with ESMTP id x2 (version=TLSv1/SSLv3 cipher=DHE-RSA-AES256-SHA bits=256 verify=NOT)',
    { protocol: 'ESMTP', version: null, cipher: 'DHE-RSA-AES256-SHA', bits: 256, client: 'not-asked' },
  ],
  [
    'Exim before 4.94',
    'from [198.51.100.7] (helo=mx.lab.example) by mail.clinic.example with esmtps (TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256) (Exim 4.84_2) (envelope-from <dr.lee@lab.example>) id 1aBc-0001',
    {
      claimed: 'mx.lab.example',
      resolved: null,
      address: '198.51.100.7',
      protocol: 'ESMTPS',
      version: 'TLSv1.2',
      cipher: 'ECDHE_RSA_AES_256_GCM_SHA384',
      bits: 256,
      software: 'Exim',
    },
  ],
  [
    'Exim with X=',
    'from mx.lab.example ([198.51.100.7] helo=lab) by mail.clinic.example with esmtpsa (X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256) (Exim 4.92) id 1',
    { claimed: 'lab', resolved: 'mx.lab.example', protocol: 'ESMTPSA', version: 'TLSv1.3' },
  ],
  [
    'Exim since 4.94',
    'from mx.lab.example ([198.51.100.7]) by mail.clinic.example with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <x@lab.example>) id 1',
    { resolved: 'mx.lab.example', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  ],
  [
    'Exim, in',
    'from ann by mail.clinic.example with local (Exim 4.96) id 1',
    { claimed: null, protocol: 'LOCAL', local: true },
  ],
  [
    'qmail',
    'from mx.lab.example (HELO lab) (198.51.100.7) by mail.clinic.example with (DHE-RSA-AES256-SHA encrypted) SMTP',
    {
      claimed: 'lab',
      resolved: 'mx.lab.example',
      address: '198.51.100.7',
      protocol: 'SMTP',
      cipher: 'DHE-RSA-AES256-SHA',
    },
  ],
  ['qmail, inside', '(qmail 10681 invoked by uid 404)', { local: true, software: 'qmail' }],
  [
    'Exchange',
    'from EX1.clinic.example (10.1.2.3) by EX2.clinic.example (10.1.2.4) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.1.2507.37',
    {
      claimed: 'EX1.clinic.example',
      resolved: null,
      address: '10.1.2.3',
      by: 'EX2.clinic.example',
      protocol: 'SMTP',
      version: 'TLSv1.2',
      id: '15.1.2507.37',
      software: 'Microsoft',
    },
  ],
  [
    'Exchange, inside, by HTTPS',
    'from EX1.clinic.example (2001:db8:a::1) by EX2.clinic.example with HTTPS',
    { address: '2001:db8:a::1', protocol: 'HTTPS', tls: false },
  ],
  [
    'Exchange, inside, by MAPI',
    'from EX1.clinic.example ([fe80::1:2]) by EX1.clinic.example ([fe80::1:2%6]) with mapi id 15.20.1',
    { address: 'fe80::1:2', protocol: 'MAPI', local: true },
  ],
  [
    'Gmail',
    'from mx.lab.example (mx.lab.example. [198.51.100.7]) by mx.google.com with ESMTPS id a1si for <ann@clinic.example> (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256)',
    { resolved: 'mx.lab.example', protocol: 'ESMTPS', version: 'TLSv1.3', bits: 256 },
  ],
  [
    'Gmail, inside',
    'by 2002:a05:6402:350c:b0:5cd:5064:55 with SMTP id q1csp1',
    { by: null, protocol: 'SMTP', local: true },
  ],
  [
    'Proofpoint',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mx0a-1.pphosted.com (PPS) with ESMTPS id 3x (version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NOT)',
    { version: 'TLSv1.2', client: 'not-asked' },
  ],
  [
    'Mimecast',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by relay.mimecast.com with ESMTP with STARTTLS (version=TLSv1.2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id us-1',
    { protocol: 'ESMTP', version: 'TLSv1.2', cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' },
  ],
  [
    'Barracuda',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mx-inbound.ess.barracudanetworks.com (version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NO)',
    { version: 'TLSv1.2', client: 'not-presented' },
  ],
  [
    'Cisco ESA',
    'from mx.lab.example ([198.51.100.7]) by esa1.clinic.example with ESMTP/TLS/ECDHE-RSA-AES256-GCM-SHA384',
    { protocol: 'ESMTP', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', version: null },
  ],
  [
    'MX Logic',
    'from mx.lab.example [198.51.100.7] (EHLO lab) by p01.mxlogic.net(mxl_mta-7.2.4) over TLS secured channel with ESMTP id x-1',
    {
      claimed: 'lab',
      resolved: 'mx.lab.example',
      address: '198.51.100.7',
      cipher: null,
      software: 'MX Logic',
    },
  ],
  [
    'MessageLabs',
    'from unknown (HELO lab.example) (198.51.100.7) by server-1.messagelabs.com with AES256-GCM-SHA384 encrypted SMTP',
    { claimed: 'lab.example', resolved: null, cipher: 'AES256-GCM-SHA384' },
  ],
  [
    'Amazon SES',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id 5x for ann@clinic.example',
    { protocol: 'SMTP', tls: false, recipient: '•••@clinic.example' },
  ],
  [
    'Zoho',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mx.zohomail.com with SMTPS id 17 (version=TLSv1.2 cipher=ECDHE)',
    { protocol: 'SMTPS', version: 'TLSv1.2' },
  ],
  [
    'Yahoo',
    'from 198.51.100.7 (EHLO mx.lab.example) by 10.197.36.9 with SMTPs (version=TLS1_2 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)',
    { claimed: 'mx.lab.example', address: '198.51.100.7', by: null, protocol: 'SMTPS', version: 'TLSv1.2' },
  ],
  ['Yahoo, inside', 'from [198.51.100.7] by nm1.bullet.mail.example with NNFMP', { protocol: 'NNFMP' }],
  [
    'Courier',
    'from lab (mx.lab.example [198.51.100.7]) (AUTH: PLAIN ann, TLS: TLS1.3, 128bits, TLS_AES_128_GCM_SHA256) by mail.clinic.example with ESMTPSA id 0',
    { version: 'TLSv1.3', bits: 128, cipher: 'TLS_AES_128_GCM_SHA256', protocol: 'ESMTPSA' },
  ],
  [
    'OpenSMTPD',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example (OpenSMTPD) with ESMTPS id 5d (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) for <ann@clinic.example>',
    { version: 'TLSv1.3', bits: 256, software: 'OpenSMTPD' },
  ],
  [
    'Haraka',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example (Haraka/3.0) with ESMTPS id A-1 envelope-from <x@lab.example> (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384)',
    { version: 'TLSv1.3', software: 'Haraka' },
  ],
  [
    'CommuniGate',
    'from [198.51.100.7] (HELO lab.example) by mail.clinic.example (CommuniGate Pro SMTP 6.2) with ESMTPS id 1',
    { claimed: 'lab.example', protocol: 'ESMTPS', tls: false },
  ],
  [
    'hMailServer and MDaemon write the protocol only',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example (MDaemon PRO v20.0) with ESMTPS id md5',
    { protocol: 'ESMTPS', software: 'MDaemon', tls: false },
  ],
  [
    'Fastmail, LMTP inside',
    'from mx1 ([10.202.2.200]) by store1.clinic.example with LMTP',
    { address: '10.202.2.200', protocol: 'LMTP' },
  ],
  [
    'UTF8SMTPSA',
    'from a.example (a.example [198.51.100.7]) by b.example with UTF8SMTPSA id 1',
    { protocol: 'UTF8SMTPSA' },
  ],
  [
    'a gateway that writes it as a comment',
    '(from LAB [198.51.100.7]) by host.example (NAVGW 2.5) with SMTP id M2',
    { address: '198.51.100.7', by: 'host.example' },
  ],
  [
    'webmail',
    'from [198.51.100.7] by webmail.example (via HTTP)',
    { address: '198.51.100.7', protocol: 'HTTP' },
  ],
  [
    'a cipher called NONE',
    'from a (a.example [198.51.100.7]) by b.example (8.14/8.14) with ESMTP (version=NONE cipher=(NONE) bits=0)',
    { tls: false },
  ],
];

const MORE_LINES: typeof LINES = [
  [
    'Exchange 2010',
    'from EX1.clinic.example (10.1.2.3) by EX2.clinic.example (10.1.2.4) with Microsoft SMTP Server (TLS) id 14.3.123.3',
    { protocol: 'SMTP', version: null, cipher: null, id: '14.3.123.3', tls: true },
  ],
  [
    'Exchange, front end',
    'from EX1.lab.example (198.51.100.7) by EX2.clinic.example (10.1.2.4) with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.7 via Frontend Transport',
    { version: 'TLSv1.3', protocol: 'SMTP' },
  ],
  [
    'SmarterMail',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example with SMTP (version=TLS\\Tls12 cipher=Aes256 bits=256)',
    { version: 'TLSv1.2', cipher: 'Aes256', bits: 256 },
  ],
  [
    'Momentum',
    'from mx.lab.example ([198.51.100.7:4711]) by mail.clinic.example (envelope-from <x@lab.example>) (ecelerity 4.4 r(Core:4.4.1)) with ESMTPS (cipher=ECDHE-RSA-AES256-GCM-SHA384) id AA/01',
    {
      address: '198.51.100.7',
      protocol: 'ESMTPS',
      cipher: 'ECDHE-RSA-AES256-GCM-SHA384',
      software: 'Momentum',
    },
  ],
  [
    'words for encryption without a cipher',
    'from mx.lab.example (mx.lab.example [198.51.100.7]) by mail.clinic.example with SMTP (TLS encrypted) id 1',
    { cipher: null, tls: true },
  ],
];

describe('a Received line', () => {
  it.each([...LINES, ...MORE_LINES])('%s', (_format, line, wanted) => {
    const read = parseReceived(`${line}; ${DATE}`);
    expect(read).not.toBeNull();
    expect(seen(read)).toMatchObject(wanted);
    expect(read?.time?.toISOString()).toBe('2026-11-24T10:00:00.000Z');
  });

  it.each([
    ['nothing of it', ''],
    ['words', 'the quick brown fox'],
    ['a date only', '; Tue, 24 Nov 2026 10:00:00 +0000'],
    ['no end of the hop', 'with ESMTP id 5'],
  ])('cannot be read: %s', (_what, line) => {
    expect(parseReceived(line)).toBeNull();
  });

  it.each([
    ['24 Nov 2026 10:00:00 -0500', '2026-11-24T15:00:00.000Z'],
    ['Tue, 24 Nov 26 10:00 +0130 (XYZ)', '2026-11-24T08:30:00.000Z'],
    ['Tue Nov 24 10:00:00 2026', '2026-11-24T10:00:00.000Z'],
    ['Tue Nov 24 10:00:00 EST 2026', '2026-11-24T15:00:00.000Z'],
    ['Tue, 24 Nov 2026 10:00:00.123 PDT', '2026-11-24T17:00:00.000Z'],
    ['Tue, 24 Nov 1996 10:00:00 +0000', '1996-11-24T10:00:00.000Z'],
    ['Tue, 44 Nov 2026 10:00:00 +0000', undefined],
    ['Tue, 24 Nov 2026 25:00:00 +0000', undefined],
    ['sometime', undefined],
  ])('has the time %s', (text, wanted) => {
    expect(parseReceived(`from a.example by b.example; ${text}`)?.time?.toISOString()).toBe(wanted);
  });
});

describe('words of a peer that pretend to be the receiver', () => {
  const tail = `(unknown [203.0.113.9]) by mail.clinic.example (Postfix) with ESMTP id 1; ${DATE}`;

  it.each([
    ['a note in HELO', 'from x (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))'],
    [
      'a note behind an address in HELO',
      'from x (a.example [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)',
    ],
    ['a protocol in HELO', 'from x with ESMTPS id 7'],
    ['a cipher in HELO', 'from x (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256)'],
  ])('%s proves nothing', (_what, head) => {
    const read = parseReceived(`${head} ${tail}`);
    expect(read?.tls).toBeNull();
    expect(read?.protocol).toBe('ESMTP');
    expect(read?.by.name).toBe('mail.clinic.example');
  });

  it.each([
    [
      'an envelope sender',
      'from a.example ([203.0.113.9] helo=x) by b.example with esmtp (Exim 4.96) (envelope-from <"version=TLS1_3 cipher=AES256"@evil.example>) id 1',
    ],
    [
      'an envelope sender outside of a comment',
      'from a.example (a.example [203.0.113.9]) by b.example (Haraka/3.0) with ESMTP id A-1 envelope-from <"cipher=AES256"@evil.example>',
    ],
    [
      'a HELO behind the address',
      'from [203.0.113.9] (HELO cipher=AES256) by b.example (CommuniGate Pro SMTP 6) with ESMTP id 1',
    ],
    [
      'a user name',
      'from a.example (a.example [203.0.113.9]) (Authenticated sender: cipher=AES256) by b.example (Postfix) with ESMTPA id 1',
    ],
    [
      'a recipient',
      'from a.example (a.example [203.0.113.9]) by b.example with ESMTP id 1 for <"cipher=AES256"@b.example>',
    ],
  ])('%s proves nothing', (_what, line) => {
    const read = parseReceived(`${line}; ${DATE}`);
    expect(read).not.toBeNull();
    expect(read?.tls).toBeNull();
  });

  it('a whole line in HELO makes the line unreadable', () => {
    expect(parseReceived(`from x by mx.google.com with ESMTPS id 7 ${tail}`)).toBeNull();
  });
});
