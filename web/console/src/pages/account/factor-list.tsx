import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Fingerprint, IdCard, MessageSquare, Smartphone } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { OwnAccount } from '../../api-types.ts';
import { accountQuery, removeFactor, renameFactor } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { accountText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { AddCertificate } from './add-certificate.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { AddTelephone } from './add-telephone.tsx';
import { AddTotp } from './add-totp.tsx';

type OwnFactor = OwnAccount['factors'][number];
type Open = OwnFactor['kind'] | null;

export function FactorList({ account }: { account: OwnAccount }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Section title={words.ways}>
      <ul className="border-t border-line">
        {account.factors.map((factor) => (
          <FactorRow key={factor.id} factor={factor} />
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button
          kind="primary"
          icon={<Fingerprint aria-hidden="true" className="size-4" />}
          onClick={() => setOpen('passkey')}
        >
          {words.addPasskey}
        </Button>
        <Button icon={<Smartphone aria-hidden="true" className="size-4" />} onClick={() => setOpen('totp')}>
          {words.addTotp}
        </Button>
        {account.mayAdd.includes('texted-code') && (
          <Button
            icon={<MessageSquare aria-hidden="true" className="size-4" />}
            onClick={() => setOpen('texted-code')}
          >
            {words.addTelephone}
          </Button>
        )}
        {account.mayAdd.includes('certificate') && (
          <Button
            icon={<IdCard aria-hidden="true" className="size-4" />}
            onClick={() => setOpen('certificate')}
          >
            {words.addCertificate}
          </Button>
        )}
      </div>
      {open === 'passkey' && <AddPasskey onClose={close} />}
      {open === 'totp' && <AddTotp onClose={close} />}
      {open === 'texted-code' && <AddTelephone onClose={close} />}
      {open === 'certificate' && <AddCertificate onClose={close} />}
    </Section>
  );
}

const nameOf = ({ label, kind }: OwnFactor): string => (label === '' ? words.unnamed[kind] : label);

const day = (time: string) => new Date(time).toLocaleDateString(undefined, { dateStyle: 'long' });

function marksOf(factor: OwnFactor): string[] {
  const { marks } = words;
  return [
    ...(factor.number === null ? [] : [factor.number]),
    factor.phishingResistant ? marks.resistant : marks.phishable,
    ...(factor.deviceBound === null ? [] : [factor.deviceBound ? marks.bound : marks.synced]),
    ...(factor.expiresAt === null ? [] : [marks.until(day(factor.expiresAt))]),
    ...(factor.enough ? [] : [marks.notEnough]),
  ];
}

function FactorRow({ factor }: { factor: OwnFactor }) {
  const [act, setAct] = useState<'rename' | 'remove' | null>(null);
  const name = nameOf(factor);
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium [overflow-wrap:anywhere]">{name}</p>
        <p className="text-ink-2">
          {[...(factor.label === '' ? [] : [words.kinds[factor.kind]]), ...marksOf(factor)].join(' · ')}
        </p>
      </div>
      <p className="basis-56 text-ink-2">
        {words.added} <When time={factor.addedAt} />,{' '}
        {factor.lastUsedAt === null ? (
          words.never
        ) : (
          <>
            {words.used.toLowerCase()} <When time={factor.lastUsedAt} />
          </>
        )}
      </p>
      <div className="flex gap-2">
        <Button aria-label={words.renameLabel(name)} onClick={() => setAct('rename')}>
          {words.rename}
        </Button>
        <Button kind="danger" aria-label={words.removeLabel(name)} onClick={() => setAct('remove')}>
          {words.remove}
        </Button>
      </div>
      {act === 'rename' && <Rename factor={factor} onClose={() => setAct(null)} />}
      {act === 'remove' && <Remove factor={factor} onClose={() => setAct(null)} />}
    </li>
  );
}

function Rename({ factor, onClose }: { factor: OwnFactor; onClose: () => void }) {
  const [label, setLabel] = useState(factor.label);
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: () => renameFactor(factor.id, label.trim()),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate();
  };
  return (
    <Dialog open onOpenChange={onClose} title={words.renameLabel(nameOf(factor))}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <ActFailure error={rename.error} />
        <TextField
          label={words.label}
          required
          maxLength={100}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" kind="primary" busy={rename.isPending}>
            {common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Remove({ factor, onClose }: { factor: OwnFactor; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeFactor(factor.id),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={words.removeTitle(nameOf(factor))}
      description={words.removeLead}
    >
      <ActFailure error={remove.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
          {words.remove}
        </Button>
      </div>
    </Dialog>
  );
}
