// SPDX-License-Identifier: Apache-2.0
#include "io/origin/tls.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <stdexcept>
#include <type_traits>

namespace overtake::origin {
namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* held) const {
    release(held);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Release<X509_free>>;

constexpr long kDay = 24L * 3600;

[[noreturn]] void refuse(const char* what) {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  throw std::runtime_error(std::string(what) + ": " + text);
}

void expect(bool good, const char* what) {
  if (!good) refuse(what);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  expect(key != nullptr, "making a key");
  return key;
}

void add_extension(X509* cert, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  expect(extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1, "adding to a certificate");
}

// Valid from `begin` to `end` seconds from now.
Cert make_certificate(const char* name, long serial, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, long begin,
                      long end, const char* names) {
  Cert cert(X509_new());
  expect(cert != nullptr, "making a certificate");
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), begin);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), end);
  X509_set_pubkey(cert.get(), key);
  X509_NAME* subject = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* by = issuer == nullptr ? cert.get() : issuer;
  X509_set_issuer_name(cert.get(), X509_get_subject_name(by));
  add_extension(cert.get(), by, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  add_extension(cert.get(), by, NID_subject_key_identifier, "hash");
  if (names != nullptr) add_extension(cert.get(), by, NID_subject_alt_name, names);
  expect(X509_sign(cert.get(), issuer_key, EVP_sha256()) > 0, "signing a certificate");
  return cert;
}

}  // namespace

struct Authority::Impl {
  Key key = make_key();
  Cert cert = make_certificate("overtake's test CA", 1, key.get(), nullptr, key.get(), -kDay, 30 * kDay, nullptr);
};

Authority::Authority() : impl_(std::make_unique<Impl>()) {}
Authority::~Authority() = default;

std::string Authority::pem() const {
  const std::unique_ptr<BIO, Release<BIO_free_all>> memory(BIO_new(BIO_s_mem()));
  expect(memory != nullptr && PEM_write_bio_X509(memory.get(), impl_->cert.get()) == 1, "writing the CA");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::shared_ptr<ssl_ctx_st> Authority::context(Certificate kind) const {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  expect(context != nullptr, "starting TLS");
  const Key key = make_key();
  const char* names = kind == Certificate::wrong_host ? "DNS:elsewhere.example" : "DNS:localhost,IP:127.0.0.1";
  const Cert cert =
      make_certificate("origin", 2 + static_cast<long>(kind), key.get(), impl_->cert.get(), impl_->key.get(),
                       -10 * kDay, kind == Certificate::expired ? -kDay : 20 * kDay, names);
  expect(SSL_CTX_use_certificate(context.get(), cert.get()) == 1, "using a certificate");
  expect(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "using a key");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace overtake::origin
