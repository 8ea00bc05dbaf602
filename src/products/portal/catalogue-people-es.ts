import type { PEOPLE_ENGLISH } from './catalogue-people-en.ts';

/** The same in Spanish, addressing the reader as "usted". */
export const PEOPLE_SPANISH: Readonly<Record<keyof typeof PEOPLE_ENGLISH, string>> = {
  'portal.list.organisations': 'Organizaciones',
  'portal.list.all-organisations': 'Todas las organizaciones',
  'portal.list.others-explain':
    'También han escrito a su dirección. Para ver sus mensajes necesita otro código, y sale de lo que se muestra aquí.',
  'portal.thread.caregiver': 'Una persona cuidadora',

  'portal.care.whose': 'De quién es el mensaje',
  'portal.care.for': 'Para {name}',

  'portal.print.explain':
    'Esto es lo que se imprimirá. El papel no está protegido: guárdelo donde solo usted pueda leerlo.',
  'portal.print.at': 'Impreso',
  'portal.print.conversation': 'El resto de la conversación',

  'portal.nav.preferences': 'Preferencias',
  'portal.preferences.title': 'Sus preferencias',
  'portal.preferences.back': 'Volver a sus preferencias',
  'portal.preferences.language': 'Idioma',
  'portal.preferences.language-explain': 'En qué idioma están escritas estas páginas y nuestros avisos.',
  'portal.preferences.access':
    'Vea quién más puede leer sus mensajes, retire ese acceso y vea quién abrió qué y cuándo.',
  'portal.preferences.access-open': 'Mostrar quién tiene acceso',
  'portal.preferences.notices': 'Avisos de mensajes nuevos',
  'portal.preferences.mail': 'Por correo electrónico a',
  'portal.preferences.text': 'Por mensaje de texto a',
  'portal.preferences.no-text': 'No hay ningún número registrado, o no se ofrecen mensajes de texto',
  'portal.preferences.texts-sent':
    'Usted permite que esta oficina envíe mensajes de texto a {telephone}: avisos, códigos de acceso y contraseñas, nunca lo que dice un mensaje.',
  'portal.preferences.texts-stopped':
    'Usted ha detenido los mensajes de texto a {telephone}. Tampoco llegan ahí códigos ni contraseñas.',
  'portal.preferences.texts-stop': 'Detener los mensajes de texto',
  'portal.preferences.texts-start': 'Permitirlos de nuevo',
  'portal.preferences.notices-explain':
    'Un aviso nunca contiene lo que dice un mensaje. Para cambiar la dirección o el número, llame a la oficina que le escribe.',
  'portal.access.title': 'Quién tiene acceso',
  'portal.access.people': 'Personas que pueden leer sus mensajes',
  'portal.access.nobody': 'Nadie más que usted puede leer sus mensajes aquí.',
  'portal.access.from': 'Desde el',
  'portal.access.until': 'hasta el',
  'portal.access.may-read': 'Puede leer, pero no responder.',
  'portal.access.may-reply': 'Puede leer y responder por usted.',
  'portal.access.no-high': 'No puede ver los mensajes más delicados.',
  'portal.access.all-classes': 'También puede ver los mensajes más delicados.',
  'portal.access.withdraw': 'Retirar el acceso de {name}',
  'portal.access.log': 'Quién abrió qué, y cuándo',
  'portal.access.log-explain':
    'Las 100 entradas más recientes. La oficina que le escribió también puede verlas.',
  'portal.access.log-empty': 'Todavía no se ha abierto nada.',
  'portal.access.caregiver': 'Persona cuidadora {name}',
  'portal.relation.parent': 'Madre o padre',
  'portal.relation.guardian': 'Tutor legal',
  'portal.relation.representative': 'Representante',
  'portal.relation.family': 'Familia',
  'portal.relation.other': 'Otra persona',
  'portal.act.opened': 'Abierto',
  'portal.act.downloaded': 'Archivo visto o guardado',
  'portal.act.replied': 'Respondido',
  'portal.act.printed': 'Impreso',
  'portal.keys.title': 'Sus claves para correo cifrado',
  'portal.keys.explain':
    'Si su programa de correo usa OpenPGP o S/MIME, los mensajes pueden sellarse para que solo ese programa los abra. La oficina que le escribe decide cuándo se usa una clave.',
  'portal.keys.pgp': 'Clave OpenPGP',
  'portal.keys.smime': 'Certificado S/MIME',
  'portal.keys.state-used': 'En uso',
  'portal.keys.state-held': 'Espera a que la oficina la compruebe',
  'portal.keys.state-unusable': 'No se puede usar ahora',
  'portal.keys.by-you': 'Entregada por usted',
  'portal.keys.by-office': 'Registrada en la oficina, que es la única que puede quitarla',
  'portal.keys.add': 'Entregar una clave',
  'portal.keys.label': 'Clave pública o certificado',
  'portal.keys.hint':
    'Pegue el texto de su clave pública OpenPGP o de su certificado (PEM). Nunca pegue una clave privada.',
  'portal.keys.send': 'Entregar',
  'portal.keys.taken': 'Su clave se ha aceptado. Se usa desde ahora donde la oficina así lo haya decidido.',
  'portal.keys.known': 'Esta clave ya se conoce.',
  'portal.keys.held':
    'Ya se conoce, o se conocía, otra clave suya. Para protegerle, la oficina debe confirmar el cambio. Por favor, llámela.',
  'portal.keys.unreadable': 'Esto no es una clave pública ni un certificado que podamos leer.',
  'portal.keys.secret':
    'Esto es una clave privada. Se ha desechado. Pegue la pública y piense en cambiar el par.',
  'portal.keys.other-address': 'Esta clave es para otra dirección, no para aquella a la que escribimos.',
  'portal.keys.unusable': 'Esta clave no se puede usar: ha caducado, se revocó o es demasiado débil.',
  'portal.keys.not-trusted':
    'Este certificado no es de una autoridad en la que confíe la oficina, o ha caducado.',
  'portal.keys.withdraw': 'Quitar esta clave',
  'portal.keys.withdraw-title': '¿Quitar su clave?',
  'portal.keys.withdraw-explain':
    'Los mensajes dejarán de sellarse para esta clave. Llegarán de la siguiente manera que la oficina haya elegido, nunca sin protección por este motivo. La oficina debe confirmar una clave nueva.',
  'portal.confirm.explain':
    'Como esto reduce la protección de sus mensajes, acabamos de enviar un código nuevo a su correo. Escríbalo para continuar.',
  'portal.confirm.wrong': 'Ese código no es correcto. Mire el correo más reciente que le enviamos.',
  'portal.waiver.title': 'Recibir correo electrónico normal',
  'portal.waiver.explain':
    'Si no desea mensajes protegidos, puede pedir correo electrónico normal. Lea antes cuál es el riesgo.',
  'portal.waiver.ask': 'Leer sobre el riesgo',
  'portal.waiver.read': 'Lea esto antes de decidir:',
  'portal.waiver.text':
    'El correo electrónico normal no está protegido en su camino. Otras personas podrían leerlo, cambiarlo o guardarlo, también después de su entrega. Puede contener datos de mi salud. Me han ofrecido formas protegidas de recibirlo. Lo entiendo y, aun así, pido recibir mis mensajes por correo electrónico normal. Puedo retirar esta petición en cualquier momento.',
  'portal.waiver.limits':
    'Vale un año, y solo para los mensajes que la oficina considera menos delicados. Los demás siguen llegando protegidos.',
  'portal.waiver.give': 'Lo entiendo, envíen correo normal',
  'portal.waiver.given': 'Usted pidió correo electrónico normal el',
  'portal.waiver.withdraw': 'Proteger otra vez mis mensajes',
};
