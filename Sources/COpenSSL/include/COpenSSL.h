// OpenSSL as one importable header; and as functions what it has as macros, which Swift does not see.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline long lm_ssl_ctx_min_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
static inline long lm_ssl_ctx_groups(SSL_CTX *context, const char *list) {
  return SSL_CTX_set1_groups_list(context, list);
}
static inline long lm_ssl_ctx_signatures(SSL_CTX *context, const char *list) {
  return SSL_CTX_set1_sigalgs_list(context, list);
}
static inline long lm_ssl_ctx_mode(SSL_CTX *context, long mode) { return SSL_CTX_set_mode(context, mode); }
static inline long lm_ssl_ctx_cache(SSL_CTX *context, long mode) {
  return SSL_CTX_set_session_cache_mode(context, mode);
}
static inline long lm_ssl_ctx_max_chain(SSL_CTX *context, long bytes) {
  return SSL_CTX_set_max_cert_list(context, bytes);
}
static inline long lm_ssl_ctx_add_chain(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}
static inline long lm_ssl_server_name(SSL *session, const char *name) {
  return SSL_set_tlsext_host_name(session, name);
}
static inline int lm_x509_names(const STACK_OF(X509_NAME) *names) { return sk_X509_NAME_num(names); }
static inline int lm_error_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline int lm_error_is_memory(unsigned long code) { return ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE; }
// As RFC 2253 writes a name, but with letters of every language as they are.
static inline unsigned long lm_name_flags(void) { return XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB; }
static inline unsigned long lm_ssl_options(void) {
  return SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE;
}
