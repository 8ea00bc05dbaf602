import type { NamedAddress } from '#core/address';
import type { Notice, NoticeBody } from '#core/notice';
import { word } from '#platform/runtime';
import { dsnPart, dsnReference, dsnSort, dsnText } from './build-dsn.ts';
import { assembleText, multipart, newMessageId, type Part, textPart, unstructured } from './build-message.ts';
import { formatField } from './header-field.ts';
import { formatMailDate } from './mail-date.ts';
import { formatMailbox } from './mailbox.ts';
import { noticeTexts } from './notice-texts.ts';

/** What surrounds a notice. Nothing here comes from a message. */
export interface NoticeSurroundings {
  /** The path is not verified: no organisation name, no recipients' addresses. `from`, `portalUrl` and `hostName` are
   * then neutral ones too, which the caller sees to. */
  readonly neutral: boolean;
  readonly organisationName: string;
  /** Public address of the portal, without a trailing slash. */
  readonly portalUrl: string;
  readonly from: NamedAddress;
  readonly hostName: string;
  /** Date field; default now. */
  readonly date?: Date;
}

const { codes } = noticeTexts;
type Code = (typeof codes)[number];
/** Words a text of the catalogue in the notice's language. */
export type Phrase = (code: Code, params?: Readonly<Record<string, string | number>>) => string;

interface Worded {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** A link with its label, shown as a button in HTML. */
  readonly link: { readonly label: string; readonly url: string } | null;
  /** Something to read off, such as a code. */
  readonly prominent: string | null;
  readonly after: readonly string[];
}

/** The path of a portal link, for whoever serves it. Opening it must consume nothing: mail scanners do. */
export function portalLink(portalUrl: string, linkToken: string): string {
  return `${portalUrl.replace(/\/+$/, '')}/m/${encodeURIComponent(linkToken)}`;
}

type BodyOf<K extends NoticeBody['kind']> = Extract<NoticeBody, { readonly kind: K }>;
type Day = (date: Date) => string;

/** Subject and first paragraph, which name the organisation where the path allows it. */
function opening(
  kind: 'portal-message' | 'pdf-password',
  code: 'subject' | 'intro',
  around: NoticeSurroundings,
  phrase: Phrase,
): string {
  if (around.neutral) return phrase(`notice.${kind}.${code}-neutral`);
  return phrase(`notice.${kind}.${code}`, { organisation: oneLine(around.organisationName) });
}

function wordPortalMessage(
  body: BodyOf<'portal-message'>,
  around: NoticeSurroundings,
  phrase: Phrase,
  day: Day,
): Worded {
  return {
    subject: opening(body.kind, 'subject', around, phrase),
    paragraphs: [
      opening(body.kind, 'intro', around, phrase),
      // At another address nothing is promised of where the code goes.
      phrase(body.elsewhere ? 'notice.portal-message.how-elsewhere' : 'notice.portal-message.how'),
    ],
    link: {
      label: phrase('notice.portal-message.open'),
      url: portalLink(around.portalUrl, body.linkToken),
    },
    prominent: null,
    after: [
      phrase('notice.portal-message.until', { date: day(body.expiresAt) }),
      phrase('notice.portal-message.care'),
    ],
  };
}

function wordPdfPassword(
  body: BodyOf<'pdf-password'>,
  around: NoticeSurroundings,
  phrase: Phrase,
  day: Day,
): Worded {
  return {
    subject: opening(body.kind, 'subject', around, phrase),
    paragraphs: [opening(body.kind, 'intro', around, phrase), phrase('notice.pdf-password.how')],
    link: {
      label: phrase('notice.pdf-password.open'),
      url: `${around.portalUrl.replace(/\/+$/, '')}/pdf-passwords`,
    },
    prominent: null,
    after: [
      phrase('notice.pdf-password.until', { date: day(body.expiresAt) }),
      phrase('notice.pdf-password.care'),
    ],
  };
}

/** No link, as with a change of the account. */
function wordSignInNoticed(body: BodyOf<'sign-in-noticed'>, phrase: Phrase, day: Day): Worded {
  return {
    subject: phrase('notice.sign-in-noticed.subject'),
    paragraphs: [phrase(`notice.sign-in-noticed.${body.what}`, { date: day(body.at) })],
    link: null,
    prominent: null,
    after: [phrase('notice.sign-in-noticed.care')],
  };
}

function wordAccountChanged(body: BodyOf<'account-changed'>, phrase: Phrase, day: Day): Worded {
  return {
    subject: phrase('notice.account-changed.subject'),
    paragraphs: [
      phrase('notice.account-changed.intro', { date: day(body.changedAt) }),
      phrase(`notice.account-changed.${body.change}`),
    ],
    link: null,
    prominent: null,
    after: [phrase('notice.account-changed.care')],
  };
}

/** No link: who is told to sign in by a mail learns to follow mails. */
function wordSecurityAlert(body: BodyOf<'security-alert'>, phrase: Phrase): Worded {
  const severity = phrase(`notice.security-alert.${body.severity}`);
  return {
    subject: phrase(
      body.reason === 'test' ? 'notice.security-alert.subject-test' : 'notice.security-alert.subject',
      {
        severity,
      },
    ),
    paragraphs: [
      phrase(`notice.security-alert.${body.reason}`),
      ...(body.incident === null
        ? []
        : [
            phrase('notice.security-alert.facts', {
              severity,
              incident: body.incident,
              rule: body.rule ?? '-',
            }),
          ]),
    ],
    link: null,
    prominent: null,
    after: [phrase('notice.security-alert.care')],
  };
}

function wordEmergencyAccess(body: BodyOf<'emergency-access'>, phrase: Phrase, day: Day): Worded {
  const params = { start: day(body.startedAt), end: day(body.expiresAt), emergency: body.emergency };
  return {
    subject: phrase('notice.emergency-access.subject'),
    paragraphs: [phrase('notice.emergency-access.intro'), phrase('notice.emergency-access.facts', params)],
    link: null,
    prominent: null,
    after: [phrase('notice.emergency-access.care')],
  };
}

function wordSignInCode(body: BodyOf<'sign-in-code'>, phrase: Phrase, day: Day): Worded {
  return {
    subject: phrase('notice.sign-in-code.subject'),
    paragraphs: [phrase('notice.sign-in-code.intro')],
    link: null,
    prominent: body.code,
    after: [
      phrase('notice.sign-in-code.until', { date: day(body.expiresAt) }),
      phrase('notice.sign-in-code.care'),
    ],
  };
}

function wordBody(
  body: NoticeBody,
  around: NoticeSurroundings,
  phrase: Phrase,
  day: (date: Date) => string,
): Worded {
  switch (body.kind) {
    case 'portal-message':
      return wordPortalMessage(body, around, phrase, day);
    case 'pdf-password':
      return wordPdfPassword(body, around, phrase, day);
    case 'sign-in-code':
      return wordSignInCode(body, phrase, day);
    case 'portal-read':
      return {
        subject: phrase('notice.portal-read.subject'),
        paragraphs: [
          phrase('notice.portal-read.intro', { date: day(body.readAt) }),
          ...(body.by === 'caregiver' ? [phrase('notice.portal-read.caregiver')] : []),
        ],
        link: null,
        prominent: null,
        after: [phrase('notice.portal-read.reference', { delivery: body.delivery })],
      };
    case 'portal-caregiver':
      // Neutral on every path: whose caregiver somebody is, and where, is the patient's matter.
      return {
        subject: phrase('notice.portal-message.subject-neutral'),
        paragraphs: [phrase('notice.portal-caregiver.intro'), phrase('notice.portal-caregiver.how')],
        link: {
          label: phrase('notice.portal-caregiver.open'),
          url: `${around.portalUrl.replace(/\/+$/, '')}/sign-in`,
        },
        prominent: null,
        after: [
          phrase('notice.portal-message.until', { date: day(body.expiresAt) }),
          phrase('notice.portal-message.care'),
        ],
      };
    case 'portal-unproved':
      return {
        subject: phrase('notice.portal-unproved.subject'),
        paragraphs: [phrase(`notice.portal-unproved.${body.reason}`)],
        link: null,
        prominent: null,
        after: [phrase('notice.portal-read.reference', { delivery: body.delivery })],
      };
    case 'passkey-added':
      return {
        subject: phrase('notice.passkey-added.subject'),
        paragraphs: [phrase('notice.passkey-added.intro', { date: day(body.addedAt) })],
        link: null,
        prominent: null,
        after: [phrase('notice.passkey-added.care')],
      };
    case 'account-changed':
      return wordAccountChanged(body, phrase, day);
    case 'sign-in-noticed':
      return wordSignInNoticed(body, phrase, day);
    case 'security-alert':
      return wordSecurityAlert(body, phrase);
    case 'emergency-access':
      return wordEmergencyAccess(body, phrase, day);
    case 'dsn': {
      return {
        subject: phrase(`notice.dsn.subject-${dsnSort(body)}`),
        paragraphs: dsnText(body, around, phrase, day(body.acceptedAt)),
        link: null,
        prominent: null,
        after: [],
      };
    }
    default:
      return body satisfies never;
  }
}

/** A name for one line of text. */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

function plainBody(worded: Worded): string {
  const middle = [worded.link?.url ?? null, worded.prominent].filter((one) => one !== null);
  return `${[...worded.paragraphs, ...middle, ...worded.after].join('\n\n')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

function htmlBody(worded: Worded, locale: string): string {
  const paragraph = (text: string): string => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>\n`;
  let middle = '';
  if (worded.link !== null) {
    const url = escapeHtml(worded.link.url);
    middle += `<p><a href="${url}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1b4b66;color:#ffffff;text-decoration:none">${escapeHtml(worded.link.label)}</a></p>\n<p style="font-size:13px;color:#555555;word-break:break-all">${url}</p>\n`;
  }
  if (worded.prominent !== null)
    middle += `<p style="font-size:28px;letter-spacing:4px;font-weight:bold">${escapeHtml(worded.prominent)}</p>\n`;
  return `<!doctype html>
<html lang="${locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(worded.subject)}</title></head>
<body style="margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;color:#1c1c1c;background:#ffffff">
<div style="max-width:560px;margin:0 auto">
${worded.paragraphs.map(paragraph).join('')}${middle}${worded.after.map(paragraph).join('')}</div>
</body>
</html>
`;
}

function rootPart(notice: Notice, around: NoticeSurroundings, worded: Worded): Part {
  const text = plainBody(worded);
  if (notice.body.kind === 'dsn') return dsnPart(notice.body, around, text);
  return multipart('alternative', [
    textPart('plain', text),
    textPart('html', htmlBody(worded, notice.locale)),
  ]);
}

/**
 * Builds a content-free mail: the only maker of them. A `Notice` has no place for a subject, a body or free text, so
 * none can slip in here. The envelope's null reverse-path is the sender's business (RFC 3834 §3.3). Throws Refusal
 * `invalid-header` when an address or name of the surroundings cannot stand in a header.
 */
export function buildNotice(notice: Notice, around: NoticeSurroundings): Buffer {
  const phrase: Phrase = (code, params) => word(notice.locale, code, params);
  const format = new Intl.DateTimeFormat(notice.locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const worded = wordBody(notice.body, around, phrase, (date) => `${format.format(date)} UTC`);
  const from = around.neutral ? { ...around.from, name: null } : around.from;
  const header = [
    formatField('From', formatMailbox(from)),
    formatField('To', formatMailbox({ ...notice.to, name: null })),
    formatField('Subject', unstructured('subject', worded.subject)),
    formatField('Date', formatMailDate(around.date ?? new Date())),
    formatField('Message-ID', newMessageId(around.hostName)),
    // RFC 3834 §5: nobody's absence note answers this. The second field says so to Exchange.
    formatField('Auto-Submitted', 'auto-generated'),
    formatField('X-Auto-Response-Suppress', 'All'),
    formatField('MIME-Version', '1.0'),
  ];
  const reference = notice.body.kind === 'dsn' ? dsnReference(notice.body) : null;
  if (reference !== null)
    header.push(formatField('In-Reply-To', reference), formatField('References', reference));
  return assembleText(header, rootPart(notice, around, worded));
}
