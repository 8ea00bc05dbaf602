import { catalogue } from './catalogue.ts';

export const waiversText = catalogue({
  en: {
    title: 'Waivers',
    lead: 'Recipients who were told of the risk and still want plain mail. A waiver counts for its recipient alone, only for messages whose sensitivity the policy opens to it, and only where no listed method could protect the copy.',
    loading: 'The list is being loaded',
    none: 'No waiver is on record.',
    more: 'Only the newest 200 are shown.',
    off: 'The policy does not send under waivers: what stands here has no effect until it is turned on under Protection policy.',
    add: 'Record a waiver',
    address: 'Recipient’s address',
    language: 'Language of the text',
    languages: { en: 'English', es: 'Español' },
    text: 'What the recipient was shown, word for word',
    textHint: 'Change it if you used other words. It is kept as it stands here.',
    until: 'Holds until',
    untilHint: 'Five years at most. After that day the recipient is protected again.',
    told: 'The recipient has read or heard this and asked for plain mail',
    record: 'Record',
    replaces: 'A waiver that this recipient had before ends.',
    states: {
      valid: 'In force',
      expired: 'Expired',
      withdrawn: 'Withdrawn',
      replaced: 'Replaced by a newer one',
    },
    recorded: 'recorded',
    by: 'by',
    holdsUntil: 'until',
    ended: 'ended',
    shown: 'Text that was shown',
    withdraw: 'Withdraw',
    withdrawTitle: 'Withdraw this waiver?',
    withdrawLead:
      'From now on nothing is sent to this recipient in plain mail. The record of the waiver is kept.',
  },
});

/** What a recipient is told by default, in the language they read. */
export const WAIVER_TEXTS = {
  en: 'Plain email is not protected on its way. Other people may be able to read it, change it or keep it, also after it was delivered. It may hold details of my health. I was offered protected ways to receive it. I understand this, and I ask to receive my messages by plain email all the same. I can withdraw this at any time.',
  es: 'El correo electrónico normal no está protegido en su camino. Otras personas podrían leerlo, cambiarlo o guardarlo, también después de su entrega. Puede contener datos de mi salud. Me han ofrecido formas protegidas de recibirlo. Lo entiendo y, aun así, pido recibir mis mensajes por correo electrónico normal. Puedo retirar esta petición en cualquier momento.',
} as const;
