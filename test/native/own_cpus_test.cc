#include "worker/own_cpus.h"

#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <thread>

namespace {

using adit::CpuSet;
using adit::OwnCpus;

std::uint32_t first_of(const CpuSet& set) {
  std::uint32_t first = 0;
  while (!set.has(first)) ++first;
  return first;
}

std::vector<std::uint32_t> all_of(const CpuSet& set) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t cpu = 0; all.size() < set.count(); ++cpu) {
    if (set.has(cpu)) all.push_back(cpu);
  }
  return all;
}

/// A thread that waits until it is let go.
class Bystander {
 public:
  explicit Bystander(const CpuSet& where)
      : thread_([this, where] {
          where.apply_to(0);
          id_.set_value(static_cast<pid_t>(syscall(SYS_gettid)));
          end_.get_future().wait();
        }),
        known_id_(id_.get_future().get()) {}
  Bystander(const Bystander&) = delete;
  Bystander& operator=(const Bystander&) = delete;
  ~Bystander() {
    end_.set_value();
    thread_.join();
  }
  pid_t id() const noexcept { return known_id_; }

 private:
  std::promise<pid_t> id_;
  std::promise<void> end_;
  std::thread thread_;
  pid_t known_id_;
};

CpuSet without(CpuSet set, std::uint32_t cpu) {
  set.remove(cpu);
  return set;
}

bool lacks_second_cpu(const CpuSet& set) {
  if (set.count() > 1) return false;
  MESSAGE("skipped: this process may use one CPU alone");
  return true;
}

}  // namespace

TEST_CASE("other threads leave a worker's own CPU, and come back") {
  const CpuSet all;
  if (lacks_second_cpu(all)) return;
  const std::uint32_t own = first_of(all);
  const Bystander bystander(all);
  {
    const OwnCpus own_cpus(std::vector<std::uint32_t>{own});
    CHECK(CpuSet().text() == without(all, own).text());
    CHECK(CpuSet(bystander.id()).text() == without(all, own).text());
    const Bystander later{CpuSet()};
    CHECK_FALSE(CpuSet(later.id()).has(own));
  }
  CHECK(CpuSet().text() == all.text());
  CHECK(CpuSet(bystander.id()).text() == all.text());
}

TEST_CASE("a thread that could run nowhere else stays where it is") {
  const CpuSet all;
  if (lacks_second_cpu(all)) return;
  const std::uint32_t own = first_of(all);
  CpuSet alone = all;
  for (const std::uint32_t cpu : all_of(all)) {
    if (cpu != own) alone.remove(cpu);
  }
  const Bystander pinned(alone);
  const OwnCpus own_cpus(std::vector<std::uint32_t>{own});
  CHECK(CpuSet(pinned.id()).text() == alone.text());
}

TEST_CASE("no thread moves where workers have every CPU, or none") {
  const CpuSet all;
  const OwnCpus every(all_of(all));
  CHECK(CpuSet().text() == all.text());
  const OwnCpus none({});
  CHECK(CpuSet().text() == all.text());
}
