#include "binding/frame.h"

#include <vector>

#include "binding/values.h"
#include "packet/headers.h"

namespace adit::binding {
namespace {

std::uint16_t u16(const Napi::Object& object, const char* key) {
  return static_cast<std::uint16_t>(to_u32(object.Get(key)));
}

std::uint8_t u8(const Napi::Object& object, const char* key) {
  return static_cast<std::uint8_t>(to_u32(object.Get(key)));
}

class FrameObject : public Napi::ObjectWrap<FrameObject> {
 public:
  explicit FrameObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FrameObject>(info) {
    const auto bytes = info[0].As<Napi::Uint8Array>();
    const std::uint32_t headroom = to_u32(info[1]);
    const std::uint32_t tailroom = to_u32(info[2]);
    memory_.resize(headroom + bytes.ByteLength() + tailroom);
    if (bytes.ByteLength() > 0) {
      std::memcpy(memory_.data() + headroom, bytes.Data(), bytes.ByteLength());
    }
    packet_ = Packet(memory_.data(), static_cast<std::uint32_t>(memory_.size()), headroom,
                     static_cast<std::uint32_t>(bytes.ByteLength()));
  }

  Napi::Value bytes(const Napi::CallbackInfo& info) {
    auto copy = Napi::Uint8Array::New(info.Env(), packet_.size());
    if (packet_.size() > 0) std::memcpy(copy.Data(), packet_.data(), packet_.size());
    return copy;
  }
  Napi::Value headroom(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), packet_.headroom());
  }
  Napi::Value tailroom(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), packet_.tailroom());
  }
  Napi::Value pad(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), packet_.pad(to_u32(info[0])));
  }

  Napi::Value push_ethernet(const Napi::CallbackInfo& info) {
    const auto fields = info[0].As<Napi::Object>();
    return Napi::Boolean::New(info.Env(),
                              adit::push_ethernet(packet_, to_mac(fields.Get("destination")),
                                                  to_mac(fields.Get("source")),
                                                  static_cast<EtherType>(u16(fields, "type"))));
  }
  Napi::Value pop_ethernet(const Napi::CallbackInfo& info) {
    const auto header = adit::pop_ethernet(packet_);
    if (!header) return info.Env().Undefined();
    Napi::Object fields = Napi::Object::New(info.Env());
    fields.Set("destination", from_mac(info.Env(), header->destination));
    fields.Set("source", from_mac(info.Env(), header->source));
    fields.Set("type", header->type.get());
    return fields;
  }

  Napi::Value push_vlan(const Napi::CallbackInfo& info) {
    const auto fields = info[0].As<Napi::Object>();
    const VlanFields vlan{static_cast<EtherType>(u16(fields, "tpid")), u16(fields, "tci")};
    return Napi::Boolean::New(info.Env(), adit::push_vlan(packet_, vlan));
  }
  Napi::Value pop_vlan(const Napi::CallbackInfo& info) {
    const auto vlan = adit::pop_vlan(packet_);
    if (!vlan) return info.Env().Undefined();
    Napi::Object fields = Napi::Object::New(info.Env());
    fields.Set("tpid", static_cast<std::uint16_t>(vlan->tpid));
    fields.Set("tci", vlan->tci);
    return fields;
  }

  Napi::Value push_ip(const Napi::CallbackInfo& info) {
    const auto fields = info[0].As<Napi::Object>();
    const IpFields ip{.source = to_address(fields.Get("source")),
                      .destination = to_address(fields.Get("destination")),
                      .proto = static_cast<IpProto>(u8(fields, "protocol")),
                      .ttl = u8(fields, "ttl"),
                      .traffic_class = u8(fields, "trafficClass"),
                      .dont_fragment = fields.Get("dontFragment").ToBoolean(),
                      .identification = u16(fields, "identification"),
                      .flow_label = to_u32(fields.Get("flowLabel"))};
    return Napi::Boolean::New(info.Env(), adit::push_ip(packet_, ip));
  }
  Napi::Value pop_ip(const Napi::CallbackInfo& info) {
    const auto ip = adit::pop_ip(packet_);
    if (!ip) return info.Env().Undefined();
    Napi::Object fields = Napi::Object::New(info.Env());
    fields.Set("source", from_address(info.Env(), ip->source));
    fields.Set("destination", from_address(info.Env(), ip->destination));
    fields.Set("protocol", static_cast<std::uint8_t>(ip->proto));
    fields.Set("ttl", ip->ttl);
    fields.Set("trafficClass", ip->traffic_class);
    fields.Set("dontFragment", ip->dont_fragment);
    fields.Set("identification", ip->identification);
    fields.Set("flowLabel", ip->flow_label);
    return fields;
  }

  Napi::Value push_udp(const Napi::CallbackInfo& info) {
    const auto fields = info[0].As<Napi::Object>();
    const UdpFields udp{u16(fields, "sourcePort"), u16(fields, "destinationPort")};
    return Napi::Boolean::New(info.Env(), adit::push_udp(packet_, udp));
  }
  Napi::Value pop_udp(const Napi::CallbackInfo& info) {
    const auto udp = adit::pop_udp(packet_);
    if (!udp) return info.Env().Undefined();
    Napi::Object fields = Napi::Object::New(info.Env());
    fields.Set("sourcePort", udp->source_port);
    fields.Set("destinationPort", udp->destination_port);
    return fields;
  }
  Napi::Value set_udp_checksum(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), adit::set_udp_checksum(packet_));
  }

  Napi::Value push_vxlan(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), adit::push_vxlan(packet_, to_u32(info[0])));
  }
  Napi::Value pop_vxlan(const Napi::CallbackInfo& info) {
    const auto vni = adit::pop_vxlan(packet_);
    return vni ? Napi::Number::New(info.Env(), *vni).As<Napi::Value>() : info.Env().Undefined();
  }

  Napi::Value set_gre_checksum(const Napi::CallbackInfo& info) {
    adit::set_gre_checksum(packet_);
    return info.Env().Undefined();
  }

  Napi::Value push_geneve(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), adit::push_geneve(packet_, to_u32(info[0])));
  }
  Napi::Value pop_geneve(const Napi::CallbackInfo& info) {
    const auto vni = adit::pop_geneve(packet_);
    return vni ? Napi::Number::New(info.Env(), *vni).As<Napi::Value>() : info.Env().Undefined();
  }

  Napi::Value push_gre(const Napi::CallbackInfo& info) {
    const auto fields = info[0].As<Napi::Object>();
    GreFields gre;
    gre.protocol = static_cast<EtherType>(u16(fields, "protocol"));
    gre.checksum = fields.Get("checksum").ToBoolean();
    if (has(fields, "key")) gre.key = to_u32(fields.Get("key"));
    if (has(fields, "sequence")) gre.sequence = to_u32(fields.Get("sequence"));
    return Napi::Boolean::New(info.Env(), adit::push_gre(packet_, gre));
  }
  Napi::Value pop_gre(const Napi::CallbackInfo& info) {
    const auto gre = adit::pop_gre(packet_);
    if (!gre) return info.Env().Undefined();
    Napi::Object fields = Napi::Object::New(info.Env());
    fields.Set("protocol", static_cast<std::uint16_t>(gre->protocol));
    if (gre->checksum) fields.Set("checksum", true);
    if (gre->key) fields.Set("key", *gre->key);
    if (gre->sequence) fields.Set("sequence", *gre->sequence);
    return fields;
  }

 private:
  std::vector<std::uint8_t> memory_;
  Packet packet_;
};

}  // namespace

Napi::Function frame_class(Napi::Env env) {
  using Object = FrameObject;
  return Object::DefineClass(env, "Frame",
                             {Object::InstanceMethod<&Object::bytes>("bytes"),
                              Object::InstanceMethod<&Object::headroom>("headroom"),
                              Object::InstanceMethod<&Object::tailroom>("tailroom"),
                              Object::InstanceMethod<&Object::pad>("pad"),
                              Object::InstanceMethod<&Object::push_ethernet>("pushEthernet"),
                              Object::InstanceMethod<&Object::pop_ethernet>("popEthernet"),
                              Object::InstanceMethod<&Object::push_vlan>("pushVlan"),
                              Object::InstanceMethod<&Object::pop_vlan>("popVlan"),
                              Object::InstanceMethod<&Object::push_ip>("pushIp"),
                              Object::InstanceMethod<&Object::pop_ip>("popIp"),
                              Object::InstanceMethod<&Object::push_udp>("pushUdp"),
                              Object::InstanceMethod<&Object::pop_udp>("popUdp"),
                              Object::InstanceMethod<&Object::set_udp_checksum>("setUdpChecksum"),
                              Object::InstanceMethod<&Object::push_vxlan>("pushVxlan"),
                              Object::InstanceMethod<&Object::pop_vxlan>("popVxlan"),
                              Object::InstanceMethod<&Object::push_geneve>("pushGeneve"),
                              Object::InstanceMethod<&Object::pop_geneve>("popGeneve"),
                              Object::InstanceMethod<&Object::set_gre_checksum>("setGreChecksum"),
                              Object::InstanceMethod<&Object::push_gre>("pushGre"),
                              Object::InstanceMethod<&Object::pop_gre>("popGre")});
}

}  // namespace adit::binding
