import { describe, expect, it } from 'vitest';
import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import { registeredCodes } from '#platform/runtime';
import { loadAssets } from '../assets.ts';
import { catalogue, say } from '../catalogue.ts';
import { DOOR_ENGLISH } from '../catalogue-door-en.ts';
import { DOOR_SPANISH } from '../catalogue-door-es.ts';
import { ENGLISH as FIRST_ENGLISH } from '../catalogue-en.ts';
import { SPANISH as FIRST_SPANISH } from '../catalogue-es.ts';
import { PEOPLE_ENGLISH } from '../catalogue-people-en.ts';
import { PEOPLE_SPANISH } from '../catalogue-people-es.ts';
import { dispositionOf } from '../message-routes.ts';
import { ownPath } from '../page-answer.ts';
import type { Place } from '../place.ts';
import { draftProblem, MOST_FILES, MOST_TEXT, replyFile, replySubject } from '../send-reply.ts';
import { refusedPage } from './door-pages.ts';
import { escapeHtml, html } from './html.ts';
import { type PageFrame, sizeText } from './layout.ts';
import { listPage, messagePage } from './message-pages.ts';
import { helpPage, missingPage } from './other-pages.ts';
import { printPage } from './print-page.ts';
import { closedPage, provePage } from './prove-pages.ts';
import { replyPage } from './reply-pages.ts';
import { codeOverPage, codePage, linkPage, signInPage, slowDownPage } from './sign-in-pages.ts';
import { textBody } from './text-body.ts';
import { waysPage } from './ways-page.ts';

const ENGLISH = { ...FIRST_ENGLISH, ...PEOPLE_ENGLISH, ...DOOR_ENGLISH };
const SPANISH = { ...FIRST_SPANISH, ...PEOPLE_SPANISH, ...DOOR_SPANISH };
const assets = loadAssets();
const frame = (locale: 'en' | 'es', organisation: string | null = null): PageFrame => ({
  locale,
  assets,
  path: '/help',
  signedIn: organisation !== null,
  organisation,
});

const place: Place = {
  organisation: '01934f00-0000-7000-8000-000000000002' as OrganisationId,
  person: '01934f00-0000-7000-8000-000000000003' as PortalPersonId,
  profile: { name: 'Clinic', locale: 'en', timeZone: 'UTC', domain: 'clinic.test', separateSignIn: false },
  care: null,
};

const summary = {
  senderAddress: { local: 'dr.lee', domain: 'clinic.test' },
  senderName: '<b>Lee</b>',
  subject: '"><script>alert(1)</script>',
  messageId: '<1@clinic.test>',
  sentAt: '2026-11-01T10:00:00.000Z',
};

const opened = {
  kind: 'open',
  item: '01934f00-0000-7000-8000-000000000001' as PortalItemId,
  expiresAt: new Date('2026-12-01T00:00:00Z'),
  summary,
  message: {
    subject: summary.subject,
    from: null,
    to: [],
    cc: [],
    replyTo: [],
    date: null,
    messageId: null,
    inReplyTo: null,
    text: 'See https://example.org/a?b=1. <i>x</i>',
    html: '<p onclick=alert(1)>formatted-canary</p>',
    attachments: [],
  },
  conversation: { earlier: [], later: [] },
} as const;

const passkey = { token: 'challenge', rpId: 'localhost', used: true } as const;
const door = {
  id: '0190',
  name: '<i>MyChart</i>',
  mode: 'beside',
  strong: true,
  item: '0191' as PortalItemId,
} as const;
const link = {
  link: 'abc',
  target: { address: 'a•••@x•••', telephone: '•••• 12', mailed: true, door },
  other: 'b•••@y•••',
  passkey,
} as const;
const used = { createdAt: new Date('2026-01-01'), lastUsedAt: new Date('2026-02-01') };

const allPages = (locale: 'en' | 'es'): Record<string, string> => ({
  link: linkPage(frame(locale), { ...link, token: 't', action: '/m/abc', known: false, stale: false }),
  known: linkPage(frame(locale), { ...link, token: 't', action: '/m/abc', known: true, stale: true }),
  signIn: signInPage(frame(locale), {
    token: 't',
    address: '"x',
    problem: 'missing',
    passkey,
    door,
    own: false,
  }),
  signInOnly: signInPage(frame(locale), {
    ...{ token: 't', address: '', problem: 'none', passkey: null, own: true },
    door: { ...door, mode: 'only' },
  }),
  doorOnly: linkPage(frame(locale), {
    ...{ ...link, token: 't', action: '/m/abc', known: false, stale: false },
    target: { address: null, telephone: null, mailed: false, door: { ...door, mode: 'only' } },
  }),
  notTheirs: refusedPage(frame(locale), { words: 'not-theirs', door }),
  notConfirmed: refusedPage(frame(locale), { words: 'unverified', door }),
  closedDoor: refusedPage(frame(locale), { words: 'unavailable', door: null }),
  code: codePage(frame(locale), {
    token: 't',
    againToken: 'u',
    problem: { kind: 'wrong', left: 2 },
    remember: true,
    minutes: 10,
    days: 90,
    channel: 'text',
    target: { address: 'a•••@x•••', telephone: '•••• 12' },
  }),
  prove: provePage(frame(locale, 'Clinic'), {
    item: opened.item,
    token: 't',
    factors: ['organisation-portal', 'mailed-code', 'texted-code', 'passkey', 'question'],
    door,
    telephone: '•••• 12',
    question: { kind: 'shared-secret', prompt: '<b>Your first pet</b>' },
    passkey,
    problem: { kind: 'wrong', left: 3 },
  }),
  unprovable: closedPage(frame(locale, 'Clinic'), 'unprovable'),
  locked: closedPage(frame(locale, 'Clinic'), 'locked'),
  ways: waysPage(
    frame(locale, 'Clinic'),
    { passkeys: [{ id: 'p', ...used, here: true }], devices: [{ id: 'd', ...used, here: false }] },
    {
      token: 't',
      addToken: 'u',
      invitation: {
        rpId: 'localhost',
        userHandle: 'h',
        userName: '"a@x.test',
        address: { local: '"a', domain: 'x.test' },
        known: ['k'],
      },
      offered: true,
      note: 'failed',
      timeZone: 'UTC',
    },
  ),
  list: listPage(
    frame(locale, 'Clinic'),
    {
      messages: [
        {
          item: opened.item,
          place,
          state: 'waiting',
          expiresAt: opened.expiresAt,
          placedAt: opened.expiresAt,
          summary,
          written: null,
          messages: 1,
          unread: 1,
        },
      ],
      next: null,
    },
    { places: [place], only: null, apart: [], apartToken: '', older: false, pdfPasswords: true },
  ),
  message: messagePage(frame(locale, 'Clinic'), opened, {
    timeZone: 'UTC',
    asText: false,
    care: null,
    mayReply: true,
  }),
  print: printPage(frame(locale, 'Clinic'), opened, { timeZone: 'UTC', care: null, at: opened.expiresAt }),
  reply: replyPage(frame(locale, 'Clinic'), {
    item: opened.item,
    token: 't',
    to: 'a',
    subject: 's',
    text: '</textarea><script>',
    problem: 'empty',
    hadFiles: true,
  }),
  missing: missingPage(frame(locale)),
  help: helpPage(frame(locale)),
});

describe('catalogues', () => {
  it('have every code in both languages, none empty, none left in English by mistake', () => {
    for (const code of catalogue.codes) {
      expect(registeredCodes()).toContain(code);
      expect(ENGLISH[code].trim()).not.toBe('');
      expect(SPANISH[code].trim()).not.toBe('');
      if (ENGLISH[code].length > 24) expect(SPANISH[code], code).not.toBe(ENGLISH[code]);
    }
    expect(Object.keys(SPANISH).sort()).toEqual(Object.keys(ENGLISH).sort());
  });

  it('speak of one minute in the singular', () => {
    for (const pageOf of [slowDownPage, codeOverPage]) {
      expect(pageOf(frame('en'), 1)).toContain('in about one minute.');
      expect(pageOf(frame('es'), 1)).toContain('dentro de un minuto');
      expect(pageOf(frame('en'), 2)).toContain('in about 2 minutes.');
      expect(pageOf(frame('es'), 2)).toContain('unos 2 minutos.');
    }
  });

  it('are all used by some page or route', async () => {
    const { readdir, readFile } = await import('node:fs/promises');
    const root = new URL('../', import.meta.url);
    const files = (await readdir(root, { recursive: true })).filter(
      (name) => name.endsWith('.ts') && !/test|catalogue/.test(name),
    );
    const source = (await Promise.all(files.map((name) => readFile(new URL(name, root), 'utf8')))).join('\n');
    const made = (code: string): boolean =>
      /^portal\.(state|refused|help|relation|act|keys|closed|way)\./.test(code);
    expect(catalogue.codes.filter((code) => !made(code) && !source.includes(`'${code}'`))).toEqual([]);
  });
});

describe('pages', () => {
  it.each(['en', 'es'] as const)('are whole, labelled and without unworded codes (%s)', (locale) => {
    for (const [name, page] of Object.entries(allPages(locale))) {
      expect(page, name).toMatch(new RegExp(`^<!doctype html>\\n<html lang="${locale}">`));
      expect(page.match(/<h1\b/g), name).toHaveLength(1);
      expect(page.match(/<main\b/g), name).toHaveLength(1);
      expect(page, name).not.toMatch(/portal\.[a-z]+[.-][a-z-]+(?!\.(?:css|js|svg))\b(?!\w)(?=[<"\s])/);
      expect(page, name).not.toMatch(/\{[a-z]+\}|undefined|\[object/);
      for (const [, id] of page.matchAll(/<(?:input|textarea)\b(?![^>]*type="hidden")[^>]*\bid="([^"]+)"/g)) {
        expect(page, `${name} ${id}`).toContain(`<label for="${id}">`);
      }
      for (const [, ids = ''] of page.matchAll(/aria-(?:describedby|labelledby)="([^"]+)"/g)) {
        for (const id of ids.split(' ')) expect(page, `${name} ${id}`).toContain(`id="${id}"`);
      }
      for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(page, name).toContain(`id="${id}"`);
    }
  });

  it('run no inline script or style and ask nobody else for anything', () => {
    for (const page of Object.values(allPages('en'))) {
      expect(page).not.toMatch(/<script(?![^>]*\bsrc="\/assets\/)/);
      expect(page).not.toMatch(/\son[a-z]+="|\sstyle="|<style/);
      for (const [, url] of page.matchAll(/\b(?:src|action|href)="([^"]*)"/g)) {
        expect(url).toMatch(/^(?:\/(?!\/)|#|https:\/\/example\.org\/a\?b=1$)/);
      }
    }
  });

  it('show no organisation before sign-in', () => {
    const before = ['link', 'known', 'signIn', 'code', 'missing', 'help'] as const;
    const pages = allPages('en');
    for (const name of before) expect(pages[name]).not.toContain('Clinic');
    expect(pages.list).toContain('Clinic');
  });

  it('escape what senders and readers wrote', () => {
    const pages = allPages('en');
    expect(pages.list).not.toContain('<script>alert');
    expect(pages.message).not.toContain('<b>Lee');
    expect(pages.message).not.toContain('formatted-canary');
    expect(pages.reply).not.toContain('</textarea><script>');
    expect(String(html`<a title="${'"&\''}">${['<', html`<b>`]}</a>`)).toBe(
      '<a title="&quot;&amp;&#39;">&lt;<b></a>',
    );
    expect(escapeHtml('a\u0000b\u0007c\nd')).toBe('abc\nd');
  });

  it('name the error in the title and link it to the field', () => {
    const { reply } = allPages('en');
    expect(reply).toContain('<title>Error: Reply');
    expect(reply).toContain('<a href="#text">');
    expect(reply).toMatch(/<textarea[^>]*aria-describedby="text-error"[^>]*aria-invalid="true"/);
  });

  it('link web addresses in plain text, without the full stop behind', () => {
    expect(String(textBody(opened.message.text))).toBe(
      '<div class="text">See <a href="https://example.org/a?b=1" target="_blank" rel="noopener noreferrer nofollow">https://example.org/a?b=1</a>. &lt;i&gt;x&lt;/i&gt;</div>',
    );
    expect(String(textBody('javascript:alert(1) ftp://x'))).not.toContain('<a');
  });

  it('stay far under 100 KB of style and script', () => {
    expect(assets.compressedSize).toBeGreaterThan(1000);
    expect(assets.compressedSize).toBeLessThan(20_000);
  });
});

describe('small rules', () => {
  it('carry only paths of ours', () => {
    for (const path of ['/', '/help', '/messages/01934f00-0000-7000-8000-000000000001/reply'])
      expect(ownPath(path)).toBe(path);
    for (const path of ['//evil.example', '/\\evil', 'https://x', '/a?b', '/a b', undefined, ''])
      expect(ownPath(path)).toBe('/');
  });

  it('name a download for old and new programs', () => {
    expect(dispositionOf('Befund "ä".pdf')).toBe(
      `attachment; filename="Befund ___.pdf"; filename*=UTF-8''Befund%20%22%C3%A4%22.pdf`,
    );
  });

  it('word sizes', () => {
    expect([0, 999, 1000, 1_234_567].map((size) => sizeText('en', size))).toEqual([
      '0 bytes',
      '999 bytes',
      '1 KB',
      '1.23 MB',
    ]);
    expect(say('es', 'portal.state.waiting')).toBe('Nuevo');
  });

  it('answer a thread with one Re:', () => {
    expect(replySubject('Re: RE: AW: Results')).toBe('Re: Results');
    expect(replySubject('')).toBe('Re:');
  });

  it('know what is wrong with a draft', () => {
    const file = replyFile('../../etc/x\u202e.txt', 'text/HTML; charset=x', Buffer.from('x'), 0);
    expect(file.type).toBe('text/html');
    expect(file.name).not.toMatch(/[/\u202e]/);
    expect(replyFile('a', 'message/rfc822', Buffer.alloc(0), 0).type).toBe('application/octet-stream');
    expect(draftProblem({ text: ' \n', files: [] })).toBe('empty');
    expect(draftProblem({ text: '', files: [file] })).toBe(null);
    expect(draftProblem({ text: 'x'.repeat(MOST_TEXT + 1), files: [] })).toBe('too-long');
    expect(draftProblem({ text: '', files: Array.from({ length: MOST_FILES + 1 }, () => file) })).toBe(
      'too-many-files',
    );
  });
});
