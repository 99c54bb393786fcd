/** Whether a code of OpenSSL's or Node's says that the server's certificate is not acceptable. */
export function isCertificateFault(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_)|SELF_SIGNED_CERT|^INVALID_(CA|PURPOSE)$|^HOSTNAME_MISMATCH$/.test(
    code,
  );
}
