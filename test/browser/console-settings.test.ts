import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { ADMINISTRATOR, signIn } from './support/administrator.ts';
import { openContext } from './support/browser.ts';
import { type ConsolePages, openConsolePages, type PageToSee } from './support/console-pages.ts';
import { tabTo } from './support/keys.ts';
import { look, snap, violations } from './support/look.ts';

let seen: ConsolePages;
let page: Page;

beforeAll(async () => {
  seen = await openConsolePages();
  page = seen.page;
});

afterAll(() => seen?.close());

afterEach(() => expect(seen.administrator.watch.take()).toEqual([]));

const open = (path: string, title: string | RegExp) => seen.open(path, title);
const press = (name: string | RegExp) => seen.press(name);

describe('the console’s settings are drawn well, wide and narrow, light and dark', () => {
  const PAGES: readonly PageToSee[] = [
    ['console-policy', '/settings/policy', 'Protection policy'],
    ['console-pdf-passwords-empty', '/settings/pdf-passwords', 'PDF passwords'],
    ['console-waivers-empty', '/settings/waivers', 'Waivers'],
    ['console-inbound', '/settings/inbound', 'Inbound mail'],
    ['console-provisioning', '/settings/provisioning', 'Provisioning'],
    ['console-caregivers-empty', '/settings/caregivers', 'Caregivers'],
    ['console-api-keys-empty', '/settings/api-keys', 'API keys'],
    ['console-certificates-empty', '/settings/certificates', 'Certificates'],
    ['console-organisation', '/settings/organisation', 'Organisation'],
    ['console-people', '/settings/people', 'People'],
    ['console-access-rules', '/settings/access-rules', 'Access rules'],
    ['console-account', '/settings/account', 'Your sign-in'],
    ['console-sign-in-rules', '/settings/sign-in', 'Sign-in rules'],
    ['console-sessions', '/settings/sessions', 'My sessions'],
    ['console-installation', '/settings/installation', 'Installation'],
    ['console-roles', '/settings/roles', 'Roles and rights'],
    ['console-care-empty', '/settings/care', 'Care relationships'],
    ['console-single-sign-on', '/settings/single-sign-on', 'Single sign-on'],
  ];

  it.each(PAGES)('%s', async (name, path, title) => {
    await open(path, title);
    await look(page, name);
  });

  it('the patient portal: begun, described, and offered', async () => {
    await open('/settings/organisation', 'Organisation');
    await page.getByLabel('What your patients call the portal').fill('MyChart');
    await press('Set it up');
    await page.getByText('Link to one message, with its id').waitFor();
    await page.getByLabel('Issuer').fill('https://portal.clinic.test');
    await page.getByLabel('Client ID').fill('sealpost');
    await page.getByLabel('Client secret', { exact: true }).fill('seven grey herons');
    await page.getByLabel('How it is offered').selectOption('only');
    await look(page, 'console-patient-portal');
    await page.getByRole('button', { name: 'Save', exact: true }).last().click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('One is kept. Leave empty to keep it.').waitFor();
    await press('Remove');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Set it up' }).waitFor();
  });

  it('guardrails: set for those below, with a cap by a role’s name', async () => {
    await open('/settings/roles?part=limits', 'Roles and rights');
    await page.getByText('Nothing is forbidden to the organisations below yours.').waitFor();
    await press('Change');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Take the audit log out: files and streams').check();
    await dialog.getByLabel('Role', { exact: true }).selectOption('nurse');
    await dialog.getByRole('button', { name: 'Add a cap' }).click();
    const cap = dialog.locator('details');
    await cap.getByLabel('Take emergency access, with a reason and an alarm').uncheck();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Nobody there may:').waitFor();
    await page.getByText('Nurse gives at most:').waitFor();
    await look(page, 'console-guardrails');
  });

  it('a person: a boundary cuts what roles give, and the simulator says so', async () => {
    const leo = { address: 'leo@clinic.test', displayName: 'Leo Brandt', roles: ['nurse'] };
    await seen.administrator.api.post('/v1/members', leo);
    await open('/settings/people', 'People');
    await page.getByRole('link', { name: 'Leo Brandt' }).click();
    await page.getByRole('heading', { level: 1, name: 'Leo Brandt' }).waitFor();
    await page.getByText('Nothing is cut').waitFor();
    await press('Set a boundary');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Open the content of messages').uncheck();
    await dialog.getByText('This would cut what their roles give:').waitFor();
    await look(page, 'console-boundary');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('stopped by the boundary of this person').waitFor();
    await look(page, 'console-person-rights');
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.getByText('Not signed in').waitFor();
    await open('/settings/roles', 'Roles and rights');
    await page.getByRole('tab', { name: 'Why may …?' }).click();
    await page.getByLabel('Person').selectOption('Leo Brandt');
    await page.getByLabel('Permission').selectOption('messages:read-content');
    await press('Ask');
    await page.getByText('No, Leo Brandt may not.').waitFor();
    await look(page, 'console-why-boundary');
    await page.getByRole('link', { name: 'See the boundary' }).click();
    await page.getByRole('heading', { level: 1, name: 'Leo Brandt' }).waitFor();
    await press('Lift');
    await dialog.getByRole('button', { name: 'Lift' }).click();
    await page.getByText('No boundary: this person may do whatever their roles give.').waitFor();
  });

  it('sessions of a person: seen, and one ended by keyboard, whose browser is then asked to sign in', async () => {
    const { consoleUrl, portalUrl } = seen.installation;
    const other = await openContext(seen.browser, [consoleUrl, portalUrl]);
    const elsewhere = await other.context.newPage();
    await elsewhere.goto(`${consoleUrl}/sign-in`);
    await signIn(elsewhere, seen.administrator.secret);
    await elsewhere.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await open('/settings/people', 'People');
    await page.getByRole('link', { name: ADMINISTRATOR.name }).click();
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.getByText('Your own session, here').waitFor();
    await look(page, 'console-person-sessions');
    await page.getByRole('button', { name: /^End the session with / }).focus();
    await page.keyboard.press('Enter');
    const end = page.getByRole('dialog').getByRole('button', { name: 'End' });
    await end.waitFor();
    await tabTo(page, end);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: /^End the session with / }).waitFor({ state: 'hidden' });
    other.watch.expectStatus(401);
    await elsewhere.reload();
    await elsewhere.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await other.context.close();
  });

  it('a care relationship: recorded for a person, found by the patient, ended; the rule turned on', async () => {
    await open('/settings/care', 'Care relationships');
    await press('Put on record');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who cares').selectOption(ADMINISTRATOR.name);
    await dialog.getByLabel('Patient’s address').fill('anna@good-tls.test');
    await dialog.getByLabel('Until').fill('2020-01-01');
    await dialog.getByText('The end lies before the beginning.').waitFor();
    await look(page, 'console-care-record');
    await dialog.getByLabel('Until').fill('2099-01-01');
    await dialog.getByRole('button', { name: 'Put on record' }).click();
    await page.getByText('cares for', { exact: true }).waitFor();
    await page.getByLabel('Patient’s address').fill('nobody@good-tls.test');
    await press('Search');
    await page.getByText('Nothing on record for this search.').waitFor();
    expect(page.url()).not.toContain('nobody');
    await press('Show all');
    await page.getByText('cares for', { exact: true }).waitFor();
    await press('Turn it on');
    await dialog.getByRole('button', { name: 'Turn it on' }).click();
    await page.getByText('It is on.').waitFor();
    await look(page, 'console-care');
    await press(/^End the care relationship of/);
    await dialog.getByRole('button', { name: 'End' }).click();
    await page.getByText('No care relationship is on record').waitFor();
    await press('Turn it off');
    await dialog.getByRole('button', { name: 'Turn it off' }).click();
    await page.getByText('It is off').waitFor();
  });

  it('a new API key and its secret, shown once', async () => {
    await open('/settings/api-keys', 'API keys');
    await press('New API key');
    await page.getByLabel('What is it for').fill('Laboratory');
    await look(page, 'console-api-key-new');
    await press('Make the key');
    await page.getByText('Copy the secret now').waitFor();
    await look(page, 'console-api-key-secret');
    await press('I have stored it');
    await page.getByText('Laboratory').first().waitFor();
    await look(page, 'console-api-keys');
  });

  it('certificates: an authority is trusted, a recipient’s certificate added, and what it is worth is said', async () => {
    const root = makeAuthority('Example Health Root');
    const usable = makeCertificate({ name: 'Erika', issuer: root, key: 'rsa', emails: ['erika@x.test'] });
    const stranger = makeCertificate({ name: 'Otto', emails: ['otto@x.test'] });
    const file = (name: string, text: string) => ({
      name,
      mimeType: 'application/x-pem-file',
      buffer: Buffer.from(text),
    });
    await open('/settings/certificates', 'Certificates');
    await page.getByRole('tab', { name: 'Trusted authorities' }).click();
    await press('Trust an authority');
    await page.getByLabel('Certificate', { exact: true }).setInputFiles(file('root.pem', root.pem));
    await look(page, 'console-certificates-trust');
    await press('Trust it');
    await page.getByText('Example Health Root').first().waitFor();
    await page.getByRole('tab', { name: 'Recipients' }).click();
    for (const [address, { pem }] of [
      ['otto@x.test', stranger],
      ['erika@x.test', usable],
    ] as const) {
      await press('Add a certificate');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Mail address of the recipient').fill(address);
      await dialog.getByLabel('Certificate', { exact: true }).setInputFiles(file('own.pem', pem));
      await dialog.getByRole('button', { name: 'Add' }).click();
      await page.getByText(address).first().waitFor();
    }
    await page.getByText('Usable', { exact: true }).waitFor();
    await page.getByText('Not trusted', { exact: true }).waitFor();
    await look(page, 'console-certificates');
    await page.getByRole('tab', { name: 'Signing' }).click();
    await page.getByLabel('Encryption').waitFor();
    await look(page, 'console-certificates-signing');
    await page.getByRole('tab', { name: 'Directories' }).click();
    await page.getByText('No directory yet').waitFor();
    await press('Add a directory');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Server', { exact: true }).fill('ldap.clinic.test');
    await dialog.getByLabel('Protection').selectOption('starttls');
    expect(await dialog.getByLabel('Port').inputValue()).toBe('389');
    await dialog.getByLabel('Where people stand').fill('ou=people,dc=clinic,dc=test');
    await dialog.getByLabel('Asked as').fill('cn=sealpost,dc=clinic,dc=test');
    await dialog.getByLabel('Password').fill('seven grey herons');
    await look(page, 'console-certificates-directory');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByLabel('Mail address to look for').fill('erika@x.test');
    await press('Test this directory');
    await page.getByText('There is no server of this name.').waitFor();
    await snap(page, 'console-certificates-directories');
    expect(await violations(page)).toEqual([]);
  });

  it('keys: whom to believe is chosen, and the organisation’s own key is replaced and revoked', async () => {
    await open('/settings/keys', 'Recipients’ keys');
    await page.getByRole('tab', { name: 'Whom to believe' }).click();
    await page.getByLabel('Published by the recipient’s domain').selectOption('vouched');
    await press('Save');
    await page.getByText('It holds for keys that are known already').waitFor();
    await look(page, 'console-keys-believe');
    await page.getByLabel('Published by the recipient’s domain').selectOption('first-use');
    await press('Save');
    await page.getByRole('tab', { name: 'Your own key' }).click();
    await press('New key');
    const dialog = page.getByRole('dialog');
    await look(page, 'console-keys-rotate');
    await dialog.getByRole('button', { name: 'New key' }).click();
    const earlier = page.getByRole('region', { name: 'Keys before it' });
    await earlier.getByText('Retired', { exact: true }).first().waitFor();
    await earlier.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByLabel('Reason').selectOption('compromised');
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await earlier.getByText('Somebody else may have the secret part').waitFor();
    await look(page, 'console-keys-own');
  });

  it('a password for a PDF: refused, then made and shown once, then forgotten', async () => {
    await open('/settings/pdf-passwords', 'PDF passwords');
    await press('Set a password');
    await page.getByLabel('Recipient’s address').fill('anna@good-tls.test');
    await page.getByLabel('Password', { exact: true }).fill('contraseña muy larga');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByText('letters without accents').last().waitFor();
    seen.administrator.watch.take();
    await page.getByLabel('Password', { exact: true }).fill('');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByText('The password is set').waitFor();
    await look(page, 'console-pdf-password-made');
    await press('I have passed it on or written it down');
    await page.getByText('anna@good-tls.test').first().waitFor();
    await look(page, 'console-pdf-passwords');
    await press('Forget');
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('No password is agreed with anybody yet.').waitFor();
  });

  it('the ways of PDF passwords: moved, chosen, saved', async () => {
    await open('/settings/pdf-passwords', 'PDF passwords');
    await page.getByRole('checkbox', { name: 'Portal', exact: true }).check();
    await press('Move Portal up');
    await press('Save');
    await page.getByText('The settings are saved.').waitFor();
    await look(page, 'console-pdf-ways');
  });

  it('a waiver: recorded with the text that was shown, then withdrawn', async () => {
    await open('/settings/waivers', 'Waivers');
    await press('Record a waiver');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Recipient’s address').fill('anna@good-tls.test');
    await dialog.getByLabel('Language of the text').selectOption('es');
    const record = dialog.getByRole('button', { name: 'Record', exact: true });
    expect(await record.isDisabled()).toBe(true);
    await dialog.getByLabel('The recipient has read or heard this').check();
    await look(page, 'console-waiver-record');
    await record.click();
    await page.getByText('In force').waitFor();
    await page.getByText('Text that was shown').click();
    await page.getByText('El correo electrónico normal no está protegido').waitFor();
    await look(page, 'console-waivers');
    await press('Withdraw');
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Withdrawn', { exact: true }).waitFor();
  });

  it('a recipient on record, who then gets a notice as a text too', async () => {
    await open('/settings/recipients', 'Recipients');
    await page.getByText('No recipient is on record yet').waitFor();
    await press('Put a recipient on record');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address', { exact: true }).fill('ben@no-tls.test');
    await dialog.getByLabel('Mobile number').fill('600 00 00 42');
    await dialog.getByLabel('Question at sign-in').selectOption('shared-secret');
    await dialog.getByLabel('What they are asked for').fill('The name of your first pet');
    await dialog.getByLabel('The answer').fill('Ñandú');
    await dialog.getByLabel('If a message is not picked up').selectOption('address');
    await dialog.getByLabel('Other address').fill('ben.home@good-tls.test');
    seen.administrator.watch.expectStatus(422);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Please give the number with its country').waitFor();
    seen.administrator.watch.expectStatus();
    await look(page, 'console-recipient-form');
    await dialog.getByLabel('Mobile number').fill('+34 600 00 00 42');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('+34600000042, asked for an agreed word, then another address').waitFor();
    await look(page, 'console-recipients');
    await page.getByLabel('Find by address').fill('nobody@good-tls.test');
    await press('Search');
    await page.getByText('Nothing is on record of this address.').waitFor();
    await press('Show all');
    await page.getByRole('tab', { name: 'Letters to write' }).click();
    await page.getByText('No letter is to be written').waitFor();

    await open('/settings/texts', 'Texts');
    await page.getByText('Sandbox mode: texts stay on this machine').waitFor();
    await page.getByLabel('Also text the notice').check();
    await page.getByLabel('Mobile number').fill('+34 600 00 00 43');
    await press('Send the test');
    await page.getByText('The gateway has taken the text.').waitFor();
    await look(page, 'console-texts');
    const sent = await seen.administrator.api.send({ to: ['ben@no-tls.test'], subject: 'With a text' });
    await open('/sandbox/texts', 'Texts');
    await page.getByText('You have a secure message').waitFor();
    await look(page, 'console-sandbox-texts');
    await open(`/messages/${sent}`, 'With a text');
    await page.getByRole('button', { name: /ben@no-tls.test/ }).click();
    await page.getByText('A text was sent', { exact: false }).waitFor();
  });

  it('a policy: written with its meaning beside it, kept as a draft, tried on past messages, turned on', async () => {
    await open('/settings/policy', 'Protection policy');
    await press('Add a stream');
    await page.getByText('For the stream transactional: use Portal.').waitFor();
    await page.getByLabel('Days until a portal copy is destroyed').fill('400');
    await page.getByText('This number is outside of what is possible.').first().waitFor();
    expect(await page.getByRole('button', { name: 'Try it', exact: true }).isDisabled()).toBe(true);
    await page.getByLabel('Days until a portal copy is destroyed').fill('120');
    await page.getByText('120 days is long').first().waitFor();
    await press('Keep as a draft');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the draft').fill('Portal only');
    await dialog.getByRole('button', { name: 'Keep as a draft' }).click();
    await page.getByRole('heading', { level: 1, name: 'Portal only' }).waitFor();
    await page.getByLabel('Days until a portal copy is destroyed').fill('30');
    await press('Save the draft');
    await page.getByText('The draft is saved.').waitFor();
    await page.getByRole('textbox', { name: 'Recipient' }).fill('anna@good-tls.test');
    await press('Show');
    const origin = page.getByRole('region', { name: 'Where each value comes from' });
    await origin.getByText(/from the stream transactional; the organisation’s would have been/).waitFor();
    await look(page, 'console-policy-draft');
    await press('Try it');
    await page.getByRole('heading', { level: 1, name: 'A policy tried on past messages' }).waitFor();
    await page.getByText('Finished').waitFor();
    await page.getByText(/^All \d+ decisions were made again as they were made then\.$/).waitFor();
    await page.getByRole('region', { name: 'From method to method' }).getByText('Portal').first().waitFor();
    expect(await page.content()).not.toContain('anna@');
    await look(page, 'console-policy-replay');
    await press('Turn this policy on');
    await dialog.getByRole('button', { name: 'Turn this policy on' }).click();
    await page.getByText('It is in force as version 2.').waitFor();
  });

  it('a policy under four eyes: proposed, and not decided by the one who proposes', async () => {
    await open('/settings/policy', 'Protection policy');
    await page.getByRole('region', { name: 'Compare two versions' }).getByText('New').waitFor();
    await press('Require a second person');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Require a second person' }).click();
    await page.getByText('A second person must approve every change of the policy.').waitFor();
    await page.getByLabel('Days until an undeliverable message is given up').fill('3');
    await press('Save as a new version');
    await page.getByText('Another person has to approve this.').waitFor();
    await page.getByText('You proposed this; somebody else has to decide.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await look(page, 'console-policy-proposed');
    await press('Take back');
    await page.getByText('Decided proposals').click();
    await page.getByText('Taken back').waitFor();
  });

  it('where incoming mail goes: named, looked at, taken back', async () => {
    await open('/settings/inbound', 'Inbound mail');
    await page.getByText('Not accepted', { exact: true }).waitFor();
    await press('Name a server');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the server').fill('mail.clinic.test');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Handed to mail.clinic.test, port 25').waitFor();
    await press('Check the server');
    await page.getByText('It answers, and its TLS can be verified.').waitFor();
    await look(page, 'console-inbound-checked');
    await press('Stop accepting');
    await dialog.getByRole('button', { name: 'Stop accepting' }).click();
    await page.getByText('Not accepted', { exact: true }).waitFor();
  });

  it('a caregiver: granted with a scope, then withdrawn', async () => {
    await open('/settings/caregivers', 'Caregivers');
    await press('Grant access');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Patient’s address', { exact: true }).fill('anna@good-tls.test');
    await dialog.getByLabel('Caregiver’s address', { exact: true }).fill('carer@good-tls.test');
    await dialog.getByLabel('What the caregiver reads').fill('your mother');
    await dialog.getByLabel('Why', { exact: true }).fill('Asked for by the patient at the visit');
    await look(page, 'console-caregiver-grant');
    await dialog.getByRole('button', { name: 'Grant access' }).click();
    await page.getByText('In force').waitFor();
    await page.getByText('Scope and reason').click();
    await page.getByText('Asked for by the patient').waitFor();
    await look(page, 'console-caregivers');
    await press('Withdraw');
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Withdrawn', { exact: true }).waitFor();
  });

  it('very many people: found by words that stand in no address, and chosen by keyboard', async () => {
    const names = Array.from({ length: 52 }, (_, at) => `Staff Member ${at + 10}`);
    for (const displayName of names) {
      const address = `${displayName.replaceAll(' ', '.').toLowerCase()}@clinic.test`;
      await seen.administrator.api.post('/v1/members', { address, displayName, roles: ['sender'] });
    }
    await open('/settings/people', 'People');
    await press('Load more');
    await page.getByRole('link', { name: 'Staff Member 61' }).waitFor();
    await page.getByLabel('Find a person by name or address').fill('MEMB 48');
    await page.keyboard.press('Enter');
    await page.getByText('1 person', { exact: true }).waitFor();
    await look(page, 'console-people-found');
    expect(page.url()).toMatch(/\/settings\/people$/);
    await page.getByRole('link', { name: 'Staff Member 48' }).click();
    await page.getByRole('heading', { level: 1, name: 'Staff Member 48' }).waitFor();

    await open('/settings/roles', 'Roles and rights');
    await page.getByRole('tab', { name: 'Why may …?' }).click();
    const person = page.getByRole('combobox', { name: 'Person' });
    await person.fill('staff member 5');
    await page.getByText('10 people', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const second = page.getByRole('option', { name: 'Staff Member 51' });
    expect(await person.getAttribute('aria-activedescendant')).toBe(await second.getAttribute('id'));
    await look(page, 'console-person-chooser');
    await page.keyboard.press('Enter');
    expect([await person.inputValue(), await person.getAttribute('aria-expanded')]).toEqual([
      'Staff Member 51',
      'false',
    ]);
    await page.getByLabel('Permission').selectOption('messages:send');
    await press('Ask');
    await page.getByText('Yes, Staff Member 51 may.').waitFor();

    await open('/settings/care', 'Care relationships');
    await press('Put on record');
    const dialog = page.getByRole('dialog');
    const who = dialog.getByRole('combobox', { name: 'Who cares' });
    await who.fill('nobody of that name');
    await dialog.getByText('Nobody found.').waitFor();
    await page.keyboard.press('Escape');
    expect([await who.getAttribute('aria-expanded'), await dialog.count()]).toEqual(['false', 1]);
    await page.keyboard.press('Tab');
    expect(await who.inputValue()).toBe('');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await open('/settings/access-reviews', 'Access reviews');
    await press('Open a review');
    for (const name of ['Staff Member 33', 'Staff Member 34']) {
      await dialog.getByRole('combobox', { name: 'Add a person' }).fill(name);
      await dialog.getByText('1 person', { exact: true }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: `Remove ${name}` }).waitFor();
    }
    await look(page, 'console-people-chosen');
    await dialog.getByRole('button', { name: 'Remove Staff Member 33' }).click();
    expect(await dialog.getByRole('list', { name: 'Chosen' }).getByRole('listitem').count()).toBe(1);
  });
});
