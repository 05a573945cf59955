// SPDX-License-Identifier: MIT
#include "scanner/capture.h"

#include <pcap/pcap.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>

#include "net/escape.h"

namespace scanner {
namespace {

constexpr int kSnapLength = 65535;

// libpcap's reason names the file in most cases, and not in all.
std::string failed(const char* what, const std::string& path, std::string_view reason) {
  if (reason.starts_with(path + ": ")) reason.remove_prefix(path.size() + 2);
  return "cannot " + std::string(what) + " the capture " + net::escape(path) + ": " + std::string(reason);
}

}  // namespace

struct CaptureReader::Handle {
  explicit Handle(pcap_t* opened) : pcap(opened) {}
  ~Handle() { pcap_close(pcap); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  pcap_t* pcap;
};

CaptureReader::CaptureReader(const std::string& path) : path_(path) {
  std::array<char, PCAP_ERRBUF_SIZE> reason{};
  pcap_t* opened = pcap_open_offline(path.c_str(), reason.data());
  if (opened == nullptr) throw std::runtime_error(failed("read", path, reason.data()));
  handle_ = std::make_unique<Handle>(opened);
  if (pcap_datalink(opened) != DLT_EN10MB) {
    throw std::runtime_error("the capture " + net::escape(path) + " holds no Ethernet frames");
  }
}

CaptureReader::~CaptureReader() = default;

void CaptureReader::read(const std::function<void(WallTime, net::ByteView)>& handle) {
  for (;;) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int status = pcap_next_ex(handle_->pcap, &header, &bytes);
    if (status == PCAP_ERROR_BREAK) return;
    if (status != 1) {
      throw std::runtime_error("the capture " + net::escape(path_) + " is damaged: " + pcap_geterr(handle_->pcap));
    }
    const WallTime at{std::chrono::seconds(header->ts.tv_sec) + std::chrono::microseconds(header->ts.tv_usec)};
    handle(at, std::as_bytes(std::span(bytes, header->caplen)));
  }
}

struct CaptureWriter::Handle {
  ~Handle() {
    if (dumper != nullptr) pcap_dump_close(dumper);
    if (pcap != nullptr) pcap_close(pcap);
  }
  pcap_t* pcap = nullptr;
  pcap_dumper_t* dumper = nullptr;
};

CaptureWriter::CaptureWriter(const std::string& path) : handle_(std::make_unique<Handle>()), path_(path) {
  handle_->pcap = pcap_open_dead(DLT_EN10MB, kSnapLength);
  if (handle_->pcap == nullptr) throw std::runtime_error("no memory for a capture");
  handle_->dumper = pcap_dump_open(handle_->pcap, path.c_str());
  if (handle_->dumper == nullptr) {
    throw std::runtime_error(failed("write", path, pcap_geterr(handle_->pcap)));
  }
}

CaptureWriter::~CaptureWriter() = default;

void CaptureWriter::write(net::ByteView frame) {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
  pcap_pkthdr header{};
  header.ts.tv_sec = whole.count();
  header.ts.tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(since_epoch - whole).count();
  header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
  pcap_dump(reinterpret_cast<u_char*>(handle_->dumper), &header, reinterpret_cast<const u_char*>(frame.data()));
}

void CaptureWriter::flush() {
  if (pcap_dump_flush(handle_->dumper) != 0 || std::ferror(pcap_dump_file(handle_->dumper)) != 0) {
    throw std::runtime_error("cannot write the capture " + net::escape(path_) + ": " + std::strerror(errno));
  }
}

}  // namespace scanner
