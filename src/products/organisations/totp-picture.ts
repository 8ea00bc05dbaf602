import QRCode from 'qrcode';

/** An `otpauth:` address as a QR code: an SVG document. */
export function totpPicture(uri: string): Promise<string> {
  return QRCode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 });
}
