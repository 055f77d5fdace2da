#include "port/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "packet/failure.h"

namespace adit {
namespace {

/// A kernel request that ends in an array of unknown length, in memory aligned for it.
template <typename Head>
class Request {
 public:
  Request(std::uint32_t command, std::size_t tail_bytes)
      : words_((sizeof(Head) + tail_bytes + 7) / 8) {
    head()->cmd = command;
  }
  Head* head() noexcept { return reinterpret_cast<Head*>(words_.data()); }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace

Ethtool::Ethtool(std::string interface)
    : interface_(std::move(interface)), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (fd_ >= 0) return;
  throw Failure(
      "ADIT-2110",
      "cannot open a socket to ask about interfaces: " + std::string(std::strerror(errno)),
      "raise the limit of open files (LimitNOFILE= of systemd)");
}

Ethtool::~Ethtool() { close(fd_); }

int Ethtool::ioctl(unsigned long request, ::ifreq& argument) const noexcept {
  std::memset(argument.ifr_name, 0, sizeof argument.ifr_name);
  std::strncpy(argument.ifr_name, interface_.c_str(), sizeof argument.ifr_name - 1);
  return ::ioctl(fd_, request, &argument) == 0 ? 0 : errno;
}

int Ethtool::run(void* command) const noexcept {
  struct ifreq argument {};
  argument.ifr_data = static_cast<char*>(command);
  return ioctl(SIOCETHTOOL, argument);
}

std::string Ethtool::driver() const {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (run(&info) != 0) return {};
  return {info.driver, strnlen(info.driver, sizeof info.driver)};
}

std::optional<Ethtool::Channels> Ethtool::channels() const {
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (run(&channels) != 0) return std::nullopt;
  return Channels{channels.combined_count + channels.rx_count,
                  channels.combined_count + channels.tx_count, channels.max_combined > 0};
}

std::vector<std::uint32_t> Ethtool::spread_queues() const {
  ethtool_rxfh_indir ask{};
  ask.cmd = ETHTOOL_GRXFHINDIR;
  if (run(&ask) != 0 || ask.size == 0) return {};
  Request<ethtool_rxfh_indir> table(ETHTOOL_GRXFHINDIR, ask.size * sizeof(__u32));
  table.head()->size = ask.size;
  if (run(table.head()) != 0) return {};
  const __u32* first = table.head()->ring_index;
  return {first, first + table.head()->size};
}

std::optional<bool> Ethtool::hashes_ports(Flow flow) const {
  ethtool_rxnfc fields{};
  fields.cmd = ETHTOOL_GRXFH;
  fields.flow_type = flow == Flow::kUdp4 ? UDP_V4_FLOW : UDP_V6_FLOW;
  // A driver that spreads nothing, or never by this, says 0.
  if (run(&fields) != 0 || fields.data == 0) return std::nullopt;
  return (fields.data & RXH_L4_B_0_1) != 0;
}

std::vector<std::string> Ethtool::feature_names() const {
  Request<ethtool_sset_info> count(ETHTOOL_GSSET_INFO, sizeof(__u32));
  count.head()->sset_mask = 1ULL << ETH_SS_FEATURES;
  if (run(count.head()) != 0 || count.head()->sset_mask == 0) return {};
  const __u32 features = count.head()->data[0];
  Request<ethtool_gstrings> strings(ETHTOOL_GSTRINGS, std::size_t{features} * ETH_GSTRING_LEN);
  strings.head()->string_set = ETH_SS_FEATURES;
  strings.head()->len = features;
  if (run(strings.head()) != 0) return {};
  std::vector<std::string> names;
  for (__u32 i = 0; i < features; ++i) {
    const char* name =
        reinterpret_cast<const char*>(strings.head()->data) + std::size_t{i} * ETH_GSTRING_LEN;
    names.emplace_back(name, strnlen(name, ETH_GSTRING_LEN));
  }
  return names;
}

std::optional<std::uint32_t> Ethtool::feature_index(const std::string& name) const {
  const std::vector<std::string> names = feature_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - names.begin());
}

std::optional<Ethtool::Feature> Ethtool::feature(const std::string& name) const {
  const std::optional<std::uint32_t> index = feature_index(name);
  if (!index) return std::nullopt;
  const __u32 words = *index / 32 + 1;
  Request<ethtool_gfeatures> get(ETHTOOL_GFEATURES, words * sizeof(ethtool_get_features_block));
  get.head()->size = words;
  if (run(get.head()) != 0) return std::nullopt;
  const ethtool_get_features_block& block = get.head()->features[words - 1];
  const __u32 bit = 1U << (*index % 32);
  return Feature{(block.active & bit) != 0,
                 (block.available & bit) != 0 && (block.never_changed & bit) == 0};
}

bool Ethtool::set_feature(const std::string& name, bool on) const {
  const std::optional<std::uint32_t> index = feature_index(name);
  if (!index) return false;
  // The kernel wants all words; those without a valid bit change nothing.
  const auto words = static_cast<__u32>((feature_names().size() + 31) / 32);
  Request<ethtool_sfeatures> set(ETHTOOL_SFEATURES, words * sizeof(ethtool_set_features_block));
  set.head()->size = words;
  ethtool_set_features_block& block = set.head()->features[*index / 32];
  block.valid = 1U << (*index % 32);
  block.requested = on ? block.valid : 0;
  if (run(set.head()) != 0) return false;
  const std::optional<Feature> now = feature(name);
  return now && now->active == on;
}

}  // namespace adit
