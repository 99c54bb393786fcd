/** Whether a code of OpenSSL or Node means that the certificate of the server is invalid. */
export function isCertificateFault(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_)|SELF_SIGNED_CERT|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/.test(
    code,
  );
}
