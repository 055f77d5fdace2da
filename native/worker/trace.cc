#include "worker/trace.h"

#include "netlink/address_text.h"
#include "wire/udp.h"
#include "worker/member_size.h"

namespace adit {
namespace {

std::vector<std::uint8_t> bytes_of(const Packet& packet) {
  std::vector<std::uint8_t> bytes(packet.length());
  static_cast<void>(packet.load(0, bytes.data(), packet.length()));
  return bytes;
}

const char* payload_word(InnerFrame::Payload payload) noexcept {
  switch (payload) {
    case InnerFrame::Payload::kIpv4:
      return "IPv4";
    case InnerFrame::Payload::kIpv6:
      return "IPv6";
    case InnerFrame::Payload::kOther:
      break;
  }
  return "other";
}

}  // namespace

void Trace::received(std::size_t port, std::span<const std::uint8_t> frame) {
  TraceStep& step = add("received");
  step.port = static_cast<std::int32_t>(port);
  step.bytes.assign(frame.begin(), frame.end());
}

void Trace::steered(std::size_t port, const char* verdict) {
  TraceStep& step = add("steered");
  step.port = static_cast<std::int32_t>(port);
  step.fields = {{"verdict", verdict}};
}

void Trace::outer(const OuterPacket& outer, const Endpoint& endpoint) {
  TraceStep& step = add("outer");
  step.fields = {{"type", tunnel_type_ops(endpoint.type).name},
                 {"source", address_text(outer.source)},
                 {"local", address_text(endpoint.local)}};
  if (endpoint.udp_port != 0) {
    step.fields.emplace_back("udpPort", std::to_string(endpoint.udp_port));
  }
  if (outer.id_kind != IdKind::kNone) {
    step.fields.emplace_back(outer.id_kind == IdKind::kVni ? "vni" : "key",
                             std::to_string(outer.id));
  }
  if (outer.has_sequence) step.fields.emplace_back("sequence", std::to_string(outer.sequence));
  step.fields.emplace_back("trafficClass", std::to_string(outer.traffic_class));
  step.fields.emplace_back("headerBytes", std::to_string(outer.inner_offset));
}

void Trace::underlay_error(const OuterPacket& outer, const Endpoint& endpoint,
                           const UnderlayError& error) {
  const Quote& quote = error.quote;
  TraceStep& step = add("icmp error");
  step.fields = {{"source", address_text(outer.source)},
                 {"type", std::to_string(error.type)},
                 {"code", std::to_string(error.code)},
                 {"quotedType", tunnel_type_ops(endpoint.type).name},
                 {"quotedLocal", address_text(endpoint.local)},
                 {"quotedRemote", address_text(quote.remote)}};
  if (endpoint.udp_port != 0) {
    step.fields.emplace_back("quotedPorts", std::to_string(quote.source_port) + " to " +
                                                std::to_string(endpoint.udp_port));
  }
  if (quote.header.id_kind != IdKind::kNone) {
    step.fields.emplace_back(quote.header.id_kind == IdKind::kVni ? "quotedVni" : "quotedKey",
                             std::to_string(quote.header.id));
  }
  step.fields.emplace_back("quotedIpBytes", std::to_string(quote.ip_bytes));
}

void Trace::path_mtu(std::uint32_t member, std::uint32_t told, bool is_lowered) {
  TraceStep& step = add("path mtu");
  step.member = member;
  step.fields = {{"told", told == 0 ? "a size not to be believed" : std::to_string(told)},
                 {"lowered", is_lowered ? "yes" : "no"}};
}

void Trace::taken(std::uint32_t member, const Packet& packet) {
  TraceStep& step = add("taken");
  step.member = member;
  step.bytes = bytes_of(packet);
}

void Trace::unwrapped(const Packet& packet) { add("unwrapped").bytes = bytes_of(packet); }

void Trace::consumed(std::uint32_t member) { add("consumed").member = member; }

void Trace::generated(std::uint32_t member, const Packet& packet) {
  TraceStep& step = add("generated");
  step.member = member;
  step.bytes = bytes_of(packet);
}

void Trace::inner(const InnerFrame& inner) {
  TraceStep& step = add("inner");
  step.fields = {{"payload", payload_word(inner.payload)}, {"tagged", inner.tagged ? "yes" : "no"}};
  if (inner.payload == InnerFrame::Payload::kOther) return;
  step.fields.emplace_back("dscp", std::to_string(inner.dscp));
  step.fields.emplace_back("ecn", std::to_string(static_cast<unsigned>(inner.ecn)));
  step.fields.emplace_back("ttl", std::to_string(inner.ttl));
}

void Trace::served(std::uint32_t member_out) {
  TraceStep& step = add("cross-connect");
  step.member = member_out;
}

void Trace::next_hop(const NextHop& hop) {
  TraceStep& step = add("next hop");
  step.fields = {{"status", next_hop_word(hop.status)}};
  if (hop.status == NextHop::Status::kNoRoute) return;
  step.port = hop.port;
  step.fields.emplace_back("mtu", std::to_string(hop.mtu));
}

void Trace::neighbor(std::size_t port, const MacAddress& mac, bool is_learned) {
  TraceStep& step = add("next hop");
  step.port = static_cast<std::int32_t>(port);
  step.fields = {{"mac", mac_text(mac)}, {"from", is_learned ? "learned" : "configured"}};
}

void Trace::size(const SizeLimit& limit, std::uint32_t bytes) {
  add("size").fields = {{"ipBytes", std::to_string(bytes)},
                        {"limit", std::to_string(limit.bytes)},
                        {"limitOf", size_source_words(limit.source)},
                        {"fits", bytes <= limit.bytes ? "yes" : "no"}};
}

void Trace::size(const SizeLimit& limit, const Tunnel& tunnel, const InnerFrame& inner,
                 std::uint32_t bytes) {
  const std::uint32_t ip =
      tunnel.family == IpFamily::kIpv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  const std::uint32_t ethernet = inner_ethernet_bytes(tunnel.payload_ip);
  const bool is_udp = tunnel.type == TunnelType::kVxlan || tunnel.type == TunnelType::kGeneve;
  const std::uint32_t udp = is_udp ? sizeof(UdpHeader) : 0;
  const std::uint32_t overhead = tunnel.template_bytes + inner.ip_offset;
  TraceStep& step = add("size");
  step.fields = {{"ipBytes", std::to_string(bytes)},
                 {"limit", std::to_string(limit.bytes)},
                 {"limitOf", size_source_words(limit.source)},
                 {"overhead", std::to_string(overhead)},
                 {"outerIp", std::to_string(ip)}};
  if (is_udp) step.fields.emplace_back("udp", std::to_string(udp));
  step.fields.emplace_back(tunnel_type_ops(tunnel.type).name,
                           std::to_string(tunnel.template_bytes - ip - udp));
  step.fields.emplace_back("innerEthernet", std::to_string(ethernet));
  step.fields.emplace_back("innerTags", std::to_string(inner.ip_offset - ethernet));
  step.fields.emplace_back("innerBytes", std::to_string(bytes - overhead));
  step.fields.emplace_back("innerLimit",
                           std::to_string(inner_limit(tunnel, limit, inner.ip_offset)));
  step.fields.emplace_back("fits", bytes <= limit.bytes ? "yes" : "no");
}

void Trace::told(const IcmpError& error, InnerFrame::Payload payload) {
  const bool is_ipv4 = payload == InnerFrame::Payload::kIpv4;
  TraceStep& step = add("told");
  step.fields = {{"message", std::string(is_ipv4 ? "ICMP " : "ICMPv6 ") +
                                 std::to_string(error.type) + "/" + std::to_string(error.code)}};
  if (error.rest != 0) step.fields.emplace_back("mtu", std::to_string(error.rest));
}

void Trace::not_told(const char* why) { add("not told").fields = {{"because", why}}; }

void Trace::fragment(std::uint32_t member_out, std::uint32_t number, std::uint32_t count,
                     const Packet& packet) {
  TraceStep& step = add("fragment");
  step.member = member_out;
  step.fields = {{"number", std::to_string(number)}, {"of", std::to_string(count)}};
  step.bytes = bytes_of(packet);
}

void Trace::held(std::uint32_t member_out) {
  TraceStep& step = add("held");
  step.member = member_out;
}

void Trace::sent(std::size_t port, const Packet& packet) {
  TraceStep& step = add("sent");
  step.port = static_cast<std::int32_t>(port);
  step.bytes = bytes_of(packet);
}

void Trace::dropped(DropReason reason, const Packet& packet) {
  TraceStep& step = add("dropped");
  step.fields = {{"reason", drop_reason_word(reason)}, {"meaning", drop_reason_meaning(reason)}};
  step.bytes = bytes_of(packet);
}

}  // namespace adit
