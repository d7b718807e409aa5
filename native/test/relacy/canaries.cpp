#include "canaries.hpp"

#include <cstdio>
#include <cstdlib>

namespace signalbox::relacy {

namespace {

constexpr Verdict kSeen = Verdict::kSeen;
constexpr Verdict kUnseen = Verdict::kUnseen;

}  // namespace

const std::vector<Canary>& canaries() {
  // CMakeLists.txt makes a test of every line that begins with `{kSeen,`.
  static const std::vector<Canary> all = {
      {kSeen, "ring", "C1-acquire", "the new writer has to see the last version of the old one"},
      {kSeen, "ring", "C2-release", "so has the old one to hand it over"},
      {kSeen, "ring", "W2-release", "a word of the next version may then be read under the old sequence"},
      {kSeen, "ring", "R3-acquire", "the same, on the reader's side"},
      {kSeen, "ring", "W3-release+W4-release",
       "the payload is published twice, by the sequence and by `latest`: one of them suffices"},
      {kSeen, "ring", "R1-acquire+R2-acquire", "so one of the two that bring it suffices as well"},
      {kSeen, "ring", "W3-release+R1-acquire", "but they have to belong together"},
      {kUnseen, "ring", "C1-release", "what a claimant did before its claim is nobody's concern"},
      {kSeen, "events", "G1-acquire", "a walk has to see what the head that it begins at leads to"},
      {kSeen, "events", "G4-release", "the same, on the side of who links"},
      {kSeen, "events", "find.next-acquire",
       "a walk led astray by a reused link would not see the raised tag (FullTable: a register that stops at a full table)"},
      {kSeen, "events", "find.fence-acquire", "an id word of the next event has to show in the second look at the state"},
      {kSeen, "events", "T4-release", "a walk that begins behind the raise has to see the links without the entry"},
      {kSeen, "events", "unlink.head-acquire", "a retire has to see the chain that its event is in"},
      {kSeen, "events", "unlink.next-acquire", "an unlink led astray by a reused link would not see the raised tag"},
      {kSeen, "events", "id_of.state-acquire", "a live state brings the id"},
      {kSeen, "events", "id_of.fence-acquire", "an id word of the next event has to show in the second look at the state"},
      {kSeen, "events", "B1.state-acquire", "a live state brings type and symbol"},
      {kSeen, "events", "B1.fence-acquire", "a type of the next event has to show in the second look at the state"},
      {kSeen, "events", "V1-acquire", "a live state brings the record"},
      {kSeen, "events", "V2-acquire", "a word of the next record has to show in (V3)"},
      {kSeen, "events", "G3-release", "the same, on the side of who writes it"},
      {kSeen, "events", "claim.hint-acquire", "who takes a hint has to see the entry free, or the hint is lost"},
      {kSeen, "events", "hint-release", "the same, on the side of who frees it"},
      {kSeen, "events", "G6-release+G8-release",
       "PENDING and LIVE both publish the record: LIVE goes on with what PENDING released"},
      {kSeen, "events", "retire.state-acquire+T1-acquire",
       "who retires has to see the meta word: the load brings it, or else the CAS"},
      {kUnseen, "events", "find.state-acquire",
       "(G1) brings what was linked before the walk, (find.next) what shows that an entry was reused"},
      {kUnseen, "events", "counts-acquire", "nothing is read behind it that has not an acquire of its own"},
      {kUnseen, "events", "G9-release", "the fence (G3) stands before it, and releases all that the claim acquired"},
      {kUnseen, "events", "G4-acquire", "nothing is read behind it"},
      {kUnseen, "events", "T2-acquire",
       "nothing is read behind it: the unlinking walk begins with an acquire of the bucket"},
      {kUnseen, "events", "T2-release", "a mark is found by the CAS that it makes fail, on the same word"},
      {kUnseen, "events", "T3-acquire", "what is read behind it is read from links that were acquired"},
      {kUnseen, "events", "T3-release",
       "a shortened link leads to what was linked before: whoever comes by knows it from (G4)"},
      {kUnseen, "events", "T4-acquire", "nothing is read behind it"},
      {kUnseen, "events", "unlink.check-acquire", "it is the last look; what it has to see came with (unlink.next)"},
      {kUnseen, "events", "G5-acquire", "nothing is read behind it"},
      {kUnseen, "events", "G5-release",
       "the bit stands before (G4), which releases it to whoever finds the event. relacy knows no difference from seq_cst: no load is"},
      {kUnseen, "events", "live.clear-acquire", "one word, changed by read-modify-writes alone"},
      {kUnseen, "events", "live.clear-release",
       "one word, changed by read-modify-writes alone, and `hint` stands behind it"},
      {kUnseen, "events", "S1-acquire",
       "whoever knows of an event knows its bit from (G1) or from who told it; (V1) brings the record"},
      {kUnseen, "events", "get_by_id.fence-acquire",
       "(find.next) has brought the raised tag already, and the copy has a fence of its own"},
      {kUnseen, "events", "transition.state-acquire", "the CAS decides, on the same word"},
      {kUnseen, "events", "L1-acquire", "a transition hands nothing over but itself"},
      {kUnseen, "events", "L1-release", "a transition hands nothing over but itself"},
      {kUnseen, "events", "T1-release", "(T5) and `hint` stand behind all that a retirer does"},
      {kUnseen, "events", "G8-acquire", "nothing is read behind it"},
      {kUnseen, "events", "claim.hints-acquire", "the read-modify-write of the hints (claim.hint) acquires"},
      {kUnseen, "events", "claim.hint-release", "who takes a hint hands nothing over"},
      {kUnseen, "events", "G7-acquire", "(claim.hint) has acquired what `hint` released behind (T5)"},
      {kUnseen, "events", "T5-release", "`hint` stands behind it and releases more"},
      {kUnseen, "events", "abandon-release", "`hint` stands behind it and releases more"},
      {kUnseen, "events", "hint-acquire", "nothing is read behind it"},
      {kSeen, "ledger", "A1-acquire", "a root has to bring its block"},
      {kSeen, "ledger", "A5-release", "the same, on the side of who commits"},
      {kSeen, "ledger", "A3-acquire", "a word of a block that is written anew has to show in (A4)"},
      {kSeen, "ledger", "A6-release", "the same, on the side of who writes it"},
      {kUnseen, "ledger", "A5-acquire",
       "the copy is its participant's own: nothing of others is read behind it. Success itself says that the root stood"},
      {kUnseen, "ledger", "spend.state-acquire", "the CAS decides, on the same word"},
      {kUnseen, "ledger", "B2-acquire", "nothing is read behind it"},
      {kUnseen, "ledger", "B2-release",
       "the mark stands before (A5), which releases it to whoever finds the slot freed by (A1)"},
  };
  return all;
}

std::string name_of(const Site& site, Half half) {
  return std::string(site.name) + (half == Half::kAcquire ? "-acquire" : "-release");
}

std::vector<Weakening> weakenings_of(const std::string& fault) {
  std::vector<Weakening> all;
  for (std::size_t begin = 0; begin < fault.size();) {
    const std::size_t end = std::min(fault.find('+', begin), fault.size());
    const std::string wanted = fault.substr(begin, end - begin);
    const std::size_t before = all.size();
    for (const Site& site : sites()) {
      for (const Half half : {Half::kAcquire, Half::kRelease}) {
        if (name_of(site, half) == wanted) all.push_back({&site, half});
      }
    }
    if (all.size() == before) {
      std::fprintf(stderr, "no ordering is called %s\n", wanted.c_str());
      std::exit(2);
    }
    begin = end + 1;
  }
  return all;
}

bool is_weighed(const Site& site, Half half) {
  for (const Canary& canary : canaries()) {
    for (const Weakening& weakening : weakenings_of(canary.fault)) {
      if (weakening.site == &site && weakening.half == half) return true;
    }
  }
  return false;
}

}  // namespace signalbox::relacy
