import type { DOOR_ENGLISH } from './catalogue-door-en.ts';

/** The same in Spanish. */
export const DOOR_SPANISH: Readonly<Record<keyof typeof DOOR_ENGLISH, string>> = {
  'portal.door.sign-in': 'Iniciar sesión con {name}',
  'portal.door.only': 'Para leerlo, inicie sesión con su cuenta de {name}.',
  'portal.door.only-messages': 'Para leer sus mensajes, inicie sesión con su cuenta de {name}.',
  'portal.door.beside':
    'Puede iniciar sesión con su cuenta de {name}, o con un código que enviamos a su dirección de correo.',
  'portal.door.prove': 'Su cuenta de {name} puede demostrar que es usted.',
  'portal.door.nameless': 'su portal de pacientes',
  'portal.door.own-messages': 'Ver los mensajes de esta cuenta',
  'portal.door.another-way':
    'Otra forma: abra el enlace del correo sobre el mensaje y pida un código para esa dirección. O inicie sesión aquí con un código.',
  'portal.refused.not-theirs-title': 'Este mensaje no es para esta cuenta',
  'portal.refused.not-theirs':
    'Ha iniciado sesión en {name}. El mensaje se envió a otra dirección de correo que la de esa cuenta, o ya no se conserva. Por eso no se ha abierto.',
  'portal.refused.not-known-title': 'No hay mensajes para esta cuenta',
  'portal.refused.not-known':
    'No se ha enviado ningún mensaje a la dirección de correo de su cuenta de {name}. Puede que los mensajes hayan ido a otra dirección suya.',
  'portal.refused.unverified-title': 'Su dirección de correo no está confirmada',
  'portal.refused.unverified':
    '{name} todavía no ha confirmado su dirección de correo. Confírmela allí e inicie sesión de nuevo.',
  'portal.refused.cancelled-title': 'No ha iniciado sesión',
  'portal.refused.cancelled': 'El inicio de sesión con {name} se detuvo. Puede intentarlo de nuevo.',
  'portal.refused.unavailable-title': 'Esa forma no funciona en este momento',
  'portal.refused.unavailable': 'Iniciar sesión con {name} no funciona en este momento.',
  'portal.refused.again-title': 'No ha funcionado',
  'portal.refused.again':
    'El inicio de sesión con {name} tardó demasiado o comenzó en otra ventana. Inténtelo de nuevo.',
};
