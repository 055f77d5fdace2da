#include "capture/capture_port.h"

#include <cstring>

namespace adit {

CapturePort::CapturePort(FramePool& pool, const std::string& directory, const std::string& name,
                         TimePrecision precision)
    : pool_(pool),
      sent_file_(directory + "/" + name + ".pcap", precision),
      kernel_file_(directory + "/" + name + ".kernel.pcap", precision) {}

CapturePort::~CapturePort() {
  for (const Packet& packet : arrived_) pool_.give(packet);
}

bool CapturePort::deliver(std::span<const std::uint8_t> frame) {
  const FrameLayout& layout = pool_.layout();
  if (frame.size() > layout.frame_bytes - layout.data_offset) return false;
  const Packet empty = pool_.take_packet();
  if (empty.empty()) return false;
  if (!frame.empty()) std::memcpy(empty.data(), frame.data(), frame.size());
  arrived_.push_back(
      pool_.packet_at(pool_.address_of(empty), static_cast<std::uint32_t>(frame.size())));
  ++delivered_;
  return true;
}

void CapturePort::pass_to_kernel(std::span<const std::uint8_t> frame) noexcept {
  kernel_file_.write(time_ns_, frame);
  ++kernel_;
}

std::size_t CapturePort::rx_burst(std::span<Packet> out) noexcept {
  std::size_t count = 0;
  while (count < out.size() && !arrived_.empty()) {
    out[count++] = arrived_.front();
    arrived_.pop_front();
  }
  return count;
}

std::size_t CapturePort::tx_burst(std::span<const Packet> packets) noexcept {
  for (const Packet& packet : packets) {
    gathered_.resize(packet.length());
    static_cast<void>(packet.load(0, gathered_.data(), packet.length()));
    sent_file_.write(time_ns_, gathered_);
    pool_.give(packet);
  }
  sent_ += packets.size();
  return packets.size();
}

void CapturePort::close() {
  sent_file_.close();
  kernel_file_.close();
}

}  // namespace adit
