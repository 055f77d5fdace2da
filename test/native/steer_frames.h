#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

/// Frames for the steering rules, made of parts.
namespace steer_cases {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::array<std::uint8_t, 4> kLocal4{192, 0, 2, 1};
inline constexpr std::array<std::uint8_t, 4> kGreOnly4{192, 0, 2, 2};
inline constexpr std::array<std::uint8_t, 4> kPeer4{198, 51, 100, 7};
inline constexpr std::array<std::uint8_t, 4> kBlocked4{203, 0, 113, 200};
inline constexpr std::array<std::uint8_t, 16> kLocal6{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                                      0,    0,    0,    0,    0, 0, 0, 1};
inline constexpr std::array<std::uint8_t, 16> kPeer6{0x20, 0x01, 0x0d, 0xb8, 0, 7, 0, 0,
                                                     0,    0,    0,    0,    0, 0, 0, 7};
inline constexpr std::array<std::uint8_t, 16> kBlocked6{0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad, 0, 0,
                                                        0,    0,    0,    0,    0,    0,    0, 9};

inline Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline std::uint8_t high(unsigned value) { return static_cast<std::uint8_t>(value >> 8); }
inline std::uint8_t low(unsigned value) { return static_cast<std::uint8_t>(value); }

/// To the MAC of the port with this index, from elsewhere; `rest` begins with the EtherType.
inline Bytes ethernet(std::size_t port, const Bytes& rest) {
  return join({{2, 0, 0, 0, 0, low(static_cast<unsigned>(port) + 1), 2, 0xaa, 0, 0, 0, 9}, rest});
}

inline Bytes tag(unsigned tpid, unsigned tci) {
  return {high(tpid), low(tpid), high(tci), low(tci)};
}

struct V4 {
  std::array<std::uint8_t, 4> to = kLocal4;
  std::array<std::uint8_t, 4> from = kPeer4;
  std::uint8_t proto = 17;
  std::uint8_t version_ihl = 0x45;
  unsigned fragment = 0x4000;
};

/// EtherType, IPv4 header without its options, and what follows.
inline Bytes ipv4(const V4& v, const Bytes& rest) {
  Bytes header{
      0x08, 0x00, v.version_ihl, 0, 0, 50, 0, 0, high(v.fragment), low(v.fragment), 64, v.proto,
      0,    0};
  header.insert(header.end(), v.from.begin(), v.from.end());
  header.insert(header.end(), v.to.begin(), v.to.end());
  return join({header, rest});
}

inline Bytes ipv6(std::uint8_t next, const Bytes& rest,
                  const std::array<std::uint8_t, 16>& from = kPeer6, std::uint8_t version = 0x60) {
  Bytes header{0x86, 0xdd, version, 0, 0, 0, 0, 50, next, 64};
  header.insert(header.end(), from.begin(), from.end());
  header.insert(header.end(), kLocal6.begin(), kLocal6.end());
  return join({header, rest});
}

inline Bytes udp(unsigned port) {
  return join({{0xc0, 0x01, high(port), low(port), 0, 30, 0, 0}, Bytes(22, 0x5a)});
}

inline Bytes gre() { return join({{0x20, 0, 0x65, 0x58, 0, 0, 0, 7}, Bytes(22, 0x5a)}); }

/// An IPv6 extension header of 8 + 8 * more bytes.
inline Bytes extension(std::uint8_t next, std::uint8_t more = 0) {
  Bytes header(8 + std::size_t{more} * 8, 0);
  header[0] = next;
  header[1] = more;
  return header;
}

inline Bytes authentication(std::uint8_t next, std::uint8_t words_less_2) {
  Bytes header((std::size_t{words_less_2} + 2) * 4, 0);
  header[0] = next;
  header[1] = words_less_2;
  return header;
}

inline Bytes fragment_header(std::uint8_t next, unsigned offset_and_more) {
  return {next, 0, high(offset_and_more), low(offset_and_more), 0, 0, 0, 1};
}

inline Bytes zeros(std::size_t count) { return Bytes(count, 0); }
}  // namespace steer_cases
