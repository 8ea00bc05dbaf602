import { expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { createSandboxPost } from './sandbox-post.ts';

const ours = '0190a5c0-0000-7000-8000-000000000001' as OrganisationId;
const theirs = '0190a5c0-0000-7000-8000-000000000002' as OrganisationId;
const mail = (id: string) =>
  Buffer.from(`DKIM-Signature: v=1;\r\n h=message-id\r\nMessage-ID: <${id}>\r\n\r\nx`);

it('shows an organisation what it has sent itself, and nothing else', () => {
  const post = createSandboxPost();
  post.noteBytes(ours, mail('a@x'));
  expect(post.sentBy(ours, mail('a@x'))).toBe(true);
  expect(post.sentBy(theirs, mail('a@x'))).toBe(false);
  expect(post.sentBy(ours, mail('b@x'))).toBe(false);
  expect(post.sentBy(ours, Buffer.from('Subject: none\r\n\r\nMessage-ID: <a@x>'))).toBe(false);
});

it('does not let another organisation claim mail by its Message-ID', () => {
  const post = createSandboxPost();
  post.noteBytes(ours, mail('a@x'));
  post.noteBytes(theirs, mail('a@x'));
  expect(post.sentBy(theirs, mail('a@x'))).toBe(false);
  expect(post.sentBy(ours, mail('a@x'))).toBe(true);
});

it('reads the header of streamed content only', async () => {
  const post = createSandboxPost();
  let opened = 0;
  await post.note(ours, {
    size: 1_000_000,
    bytes: null,
    async *open() {
      opened += 1;
      yield mail('c@x');
      yield Buffer.alloc(100_000);
      opened += 1;
      yield Buffer.alloc(900_000);
    },
  });
  expect(opened).toBe(1);
  expect(post.sentBy(ours, mail('c@x'))).toBe(true);
});
