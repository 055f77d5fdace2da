// The whole data path with its underlay in a VLAN: what leaves is tagged, and only what carries
// that tag is taken.

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/uio.h>

#include <optional>

#include "netlink/address_text.h"
#include "port_lab.h"
#include "scapy_packets.h"
#include "table_lab.h"
#include "worker/data_path.h"

namespace adit::port_lab {
namespace {

constexpr std::uint8_t kNeighborMac[6] = {2, 0, 0, 0, 0x77, 1};
constexpr std::uint8_t kPortMac[6] = {2, 0, 0, 0, 0x66, 1};

/// A raw socket that also tells the tag, which the kernel takes off received frames.
class TaggedEnd {
 public:
  explicit TaggedEnd(const std::string& interface)
      : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, __builtin_bswap16(ETH_P_ALL))) {
    const int on = 1;
    setsockopt(fd_, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
    setsockopt(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = __builtin_bswap16(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~TaggedEnd() { close(fd_); }
  TaggedEnd(const TaggedEnd&) = delete;
  TaggedEnd& operator=(const TaggedEnd&) = delete;

  struct Frame {
    Bytes bytes;  // without the tag
    std::optional<unsigned> tci;
  };
  /// The next frame from the port's MAC address to the neighbor's; empty when none comes soon, for
  /// what was sent while the gateway had no way is dropped.
  [[nodiscard]] Frame receive() const {
    Frame frame;
    const auto is_ours = [&] {
      frame = next();
      const Bytes& bytes = frame.bytes;
      return bytes.size() > 12 && std::equal(kNeighborMac, kNeighborMac + 6, bytes.begin()) &&
             std::equal(kPortMac, kPortMac + 6, bytes.begin() + 6);
    };
    const bool came = eventually(is_ours, std::chrono::milliseconds(200));
    return came ? frame : Frame{};
  }

 private:
  [[nodiscard]] Frame next() const {
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 50) <= 0) return {};
    Frame frame{.bytes = Bytes(4096), .tci = {}};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
    iovec data{.iov_base = frame.bytes.data(), .iov_len = frame.bytes.size()};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t bytes = recvmsg(fd_, &message, MSG_DONTWAIT);
    frame.bytes.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    const cmsghdr* told = CMSG_FIRSTHDR(&message);
    if (told == nullptr) return frame;
    tpacket_auxdata facts;
    std::memcpy(&facts, CMSG_DATA(told), sizeof facts);
    if ((facts.tp_status & TP_STATUS_VLAN_VALID) != 0) frame.tci = facts.tp_vlan_tci;
    return frame;
  }

  int fd_;
};

/// `far0` - near0 (access, untagged) - gateway - near1 (underlay) - `far1`; VNI 5001 to
/// 198.51.100.7 by 192.0.2.254.
class VlanRig {
 public:
  explicit VlanRig(std::uint16_t configured_vlan) {
    make_veth("near0", "far0");
    make_veth("near1", "far1");
    sh("ip link set near1 address 02:00:00:00:66:01");
    spec_.table.ports = {PortSpec{},
                         PortSpec{.takes_tunnels = true, .tunnel_vlan = configured_vlan}};
    TunnelSpec tunnel = pipeline_lab::vxlan(5001, false);
    tunnel.local = pipeline_lab::kLocal4;
    tunnel.remote = pipeline_lab::kRemote4;
    tunnel.next_hop = 0;
    spec_.table.members = {{.tenant = 0, .peer = 1, .kind = AttachmentSpec{}},
                           {.tenant = 0, .peer = 0, .kind = tunnel}};
    spec_.table.tenants = 1;
    spec_.table.next_hops = 1;
    spec_.next_hops = {{pipeline_lab::kLocal4, pipeline_lab::kRemote4}};
    for (const char* interface : {"near0", "near1"}) {
      PortConfig port;
      port.name = port.interface = interface;
      port.ring_size = 256;
      port.frames = 1024;
      spec_.ports.push_back(port);
      UnderlayPort underlay;
      underlay.name = underlay.interface = interface;
      spec_.underlay.ports.push_back(underlay);
    }
  }
  /// Gives the address, the route and the neighbor to an interface of the kernel's.
  static void use(const std::string& interface) {
    sh("ip address add 192.0.2.1/24 dev " + interface);
    sh("ip link set up dev " + interface);
    sh("ip neighbor add 192.0.2.254 lladdr 02:00:00:00:77:01 dev " + interface);
    sh("ip route add 198.51.100.0/24 via 192.0.2.254 dev " + interface);
  }
  void start() {
    DataPathOptions options;
    options.spec = spec_;
    options.workers = 1;
    path_.emplace(std::move(options), [](const UnderlayEvent&) {});
    path_->start();
    access_.emplace("far0");
    underlay_.emplace("far1");
    sender_.emplace("far1");
  }

  /// A tenant's frame leaves with tag `vid`; answers come back with it, and not without or with
  /// another. The VLAN is followed within the time that `eventually` gives.
  void check_carries(std::uint16_t vid) {
    CAPTURE(vid);
    TaggedEnd::Frame sent;
    REQUIRE(eventually([&] {
      access_->send(inner_);
      sent = underlay_->receive();
      return sent.tci == vid;
    }));
    const Bytes& bytes = sent.bytes;
    REQUIRE(bytes.size() == 14 + 36 + inner_.size());
    CHECK(Bytes(bytes.begin() + 50, bytes.end()) == inner_);
    while (!access_->receive(50).empty()) continue;
    for (const int tag : {-1, int{vid} + 1, 0}) {
      CAPTURE(tag);
      sender_->send(answer(bytes, tag));
      CHECK(access_->receive(200).empty());
    }
    sender_->send(answer(bytes, vid));
    CHECK(access_->receive() == inner_);
  }

 private:
  /// The packet on its way back, with a tag; none for a negative one.
  static Bytes answer(const Bytes& packet, int vid) {
    Bytes back = packet;
    std::swap_ranges(back.begin(), back.begin() + 6, back.begin() + 6);
    std::swap_ranges(back.begin() + 26, back.begin() + 30, back.begin() + 30);
    if (vid < 0) return back;
    const Bytes tag{0x81, 0, static_cast<std::uint8_t>(vid >> 8), static_cast<std::uint8_t>(vid)};
    back.insert(back.begin() + 12, tag.begin(), tag.end());
    return back;
  }

  Namespace namespace_;
  GatewaySpec spec_;
  const Bytes inner_ = bytes::from_hex(scapy::kInnerUdp4);
  std::optional<DataPath> path_;
  std::optional<FarEnd> access_;
  std::optional<TaggedEnd> underlay_;
  std::optional<FarEnd> sender_;
};

TEST_CASE("DataPath carries tunnel packets in a configured VLAN") {
  if (skipped()) return;
  VlanRig rig(300);
  VlanRig::use("near1");
  rig.start();
  rig.check_carries(300);
}

TEST_CASE("DataPath follows the kernel's VLAN interface that holds the local address") {
  if (skipped()) return;
  VlanRig rig(0);
  if (!succeeds("ip link add link near1 name tag type vlan id 100")) {
    std::fprintf(stderr,
                 "SKIP: this kernel has no VLAN interfaces (8021q): tunnel packets in a VLAN that "
                 "the gateway finds by itself are not tested\n");
    return;
  }
  VlanRig::use("tag");
  rig.start();
  rig.check_carries(100);
  sh("ip link del tag && ip link add link near1 name tag type vlan id 200");
  VlanRig::use("tag");
  rig.check_carries(200);
}

}  // namespace
}  // namespace adit::port_lab
