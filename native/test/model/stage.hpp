/// A small region with its attachments, on which the explorer's scenarios play, and the auditor of what they leave behind.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "../region_image.hpp"
#include "history.hpp"
#include "scan_audit.hpp"

namespace signalbox::model {

inline constexpr std::size_t kStageRecordWords = 2;

/// Ids are small numbers; even ones share one bucket, odd ones another.
inline EventId stage_id(std::uint64_t number) noexcept { return {{number}, 8, static_cast<std::uint32_t>(number & 1)}; }

/// Each event has a symbol of its own.
inline std::uint32_t symbol_of(std::uint64_t number) noexcept { return static_cast<std::uint32_t>(number); }

class Stage {
 public:
  static test::Shape shape(std::uint64_t slots) {
    test::Shape shape;
    shape.participants = 5;
    shape.rings = {{4, 2}};
    shape.capacity = 64;
    shape.buckets = 8;
    shape.record_words = kStageRecordWords;
    shape.types = 2;
    shape.slots = slots;
    return shape;
  }

  explicit Stage(std::uint64_t slots = 2) : image(shape(slots)) {
    for (std::size_t thread = 0; thread < kThreadsMax; ++thread) {
      attachments.push_back(image.attach(thread + 1));
      fresh_ledgers.push_back(attachments.back()->ledger());
    }
  }

  [[nodiscard]] EventTable& events(std::size_t thread) { return attachments[thread]->events(); }
  [[nodiscard]] ReservationLedger& ledger(std::size_t thread) { return attachments[thread]->ledger(); }

  /// Registers id `number` before anything runs.
  std::uint64_t prepare(std::uint64_t number, std::uint32_t type = 0) {
    const std::uint64_t record[kStageRecordWords] = {number, ~number};
    std::uint64_t handle = 0;
    events(0).register_event(stage_id(number), type, symbol_of(number), record, attachments[0]->participant(), &handle);
    initial[number] = handle;
    prepared[handle] = {number, type};
    registered = prepared;
    return handle;
  }

  /// The event's entry as `owner` left it in the middle of an operation, before anything runs.
  void set_state(std::uint64_t handle, std::uint64_t phase, std::uint64_t owner) {
    const test::Shape& shape = image.shape();
    const std::size_t entry = image.events_at() + layout::event_entries_offset(shape.capacity, shape.types, shape.buckets) +
                              index_of_handle(handle) * layout::entry_words(shape.record_words);
    image.set(entry + layout::kEntryState, state_word(generation_of_handle(handle), phase, owner));
  }

  // Operations of thread `thread`, recorded; what a reader may never see is reported at once.

  /// The handle, whether it was new or the live one's; 0 if the table was full.
  std::uint64_t register_event(std::size_t thread, std::uint64_t number, std::uint32_t type = 0, bool* took = nullptr) {
    const std::uint64_t record[kStageRecordWords] = {number, ~number};
    std::uint64_t handle = 0;
    const Moment begin = moment();
    note("register " + std::to_string(number));
    const EventTable::Status status = events(thread).register_event(
        stage_id(number), type, symbol_of(number), record, attachments[thread]->participant(), &handle);
    const bool is_new = status == EventTable::Status::kOk;
    note(std::string(is_new ? "registered " : "exists or full ") + std::to_string(number));
    if (status == EventTable::Status::kFull) broken("REG: full although entries are free");
    if (status == EventTable::Status::kSpoilt) broken("REG-1: a register took a race for spoilt bytes");
    if (is_new && !issued.insert(handle).second) broken("REG-5: two registers were given one handle");
    calls.push_back({Kind::kRegister, number, handle, is_new, begin, moment()});
    if (is_new) registered[handle] = {number, type};
    if (took != nullptr) *took = is_new;
    return handle;
  }

  /// The live handle or 0.
  std::uint64_t get_by_id(std::size_t thread, std::uint64_t number) {
    std::uint64_t record[kStageRecordWords] = {};
    EventTable::EventView view{};
    const Moment begin = moment();
    note("get by id " + std::to_string(number));
    const EventTable::Status status = events(thread).get_by_id(stage_id(number), record, &view);
    const bool found = status == EventTable::Status::kOk;
    if (status == EventTable::Status::kSpoilt) broken("REG-1: a get by id took a race for spoilt bytes");
    note(std::string(found ? "found " : "gone ") + std::to_string(number));
    if (found && (record[0] != number || record[1] != ~number)) broken("REG-2: get_by_id gave another record");
    calls.push_back({Kind::kGetById, number, found ? view.handle : 0, found, begin, moment()});
    return found ? view.handle : 0;
  }

  bool retire(std::size_t thread, std::uint64_t number, std::uint64_t handle) {
    const Moment begin = moment();
    note("retire " + std::to_string(number));
    const EventTable::Status status = events(thread).retire(handle, attachments[thread]->participant());
    const bool took = status == EventTable::Status::kOk;
    if (status == EventTable::Status::kSpoilt) broken("REG-1: a retire took a race for spoilt bytes");
    note(std::string(took ? "retired " : "was gone ") + std::to_string(number));
    calls.push_back({Kind::kRetire, number, handle, took, begin, moment()});
    return took;
  }

  /// By handle: gone, or the record of the very event that the handle was given for.
  bool get(std::size_t thread, std::uint64_t number, std::uint64_t handle) {
    std::uint64_t record[kStageRecordWords] = {};
    EventTable::EventView view{};
    note("get " + std::to_string(number));
    const bool found = events(thread).get(handle, record, &view) == EventTable::Status::kOk;
    if (found && (record[0] != number || record[1] != ~number)) broken("REG-5: a handle leads to another event");
    return found;
  }

  /// kOk, kIllegal or kGone.
  EventTable::Status transition(std::size_t thread, std::uint64_t handle, std::uint32_t to) {
    const Moment begin = moment();
    note("transition to " + std::to_string(to));
    std::uint32_t before = 0;
    const EventTable::Status status = events(thread).transition(handle, to, &before);
    note(status == EventTable::Status::kOk ? "moved" : "not moved");
    if (status == EventTable::Status::kOk) moves.push_back({handle, before, to, begin, moment()});
    return status;
  }

  /// Ids and handles of the live events of `type`.
  std::multimap<std::uint64_t, std::uint64_t> scan(std::size_t thread, std::uint32_t type) {
    constexpr std::size_t kRowWords = 4 + kStageRecordWords;
    std::uint64_t rows[8 * kRowWords];
    const Moment begin = moment();
    note("scan");
    const std::size_t count = events(thread).scan(type, rows, 8);
    std::multimap<std::uint64_t, std::uint64_t> found;
    std::vector<ScannedRow> told;
    for (std::size_t row = 0; row < count && row < 8; ++row) {
      const std::uint64_t* words = rows + row * kRowWords;
      if (words[4] != ~words[5]) broken("REG-4: a scan gave a torn record");
      if (type != EventTable::kAllTypes && (words[3] & 0xffff'ffff) != type) broken("a scan of one type gave an event of another");
      found.emplace(words[4], words[0]);
      told.push_back({words[0], static_cast<std::uint32_t>(words[1]), static_cast<std::uint32_t>(words[3]), words[4]});
    }
    note("scanned " + std::to_string(count));
    scans.push_back({type, std::move(told), begin, moment()});
    return found;
  }

  // Audits.

  /// REG-1: the calls on each id have a possible order.
  void audit_calls() {
    std::map<std::uint64_t, std::vector<Call>> of_id;
    for (const Call& call : calls) of_id[call.id].push_back(call);
    for (auto& [number, list] : of_id) {
      const auto at = initial.find(number);
      if (!Linearizer(list).accepts(at == initial.end() ? 0 : at->second)) {
        broken("REG-1: no order of the calls on id " + std::to_string(number) + " gives these answers");
      }
    }
  }

  /// REG-4: each scan gave what is promised. Of scenarios in which nobody dies, and whose calls the stage has seen.
  void audit_scans() {
    const std::string fault = ScanAudit(calls, moves, scans, registered, initial).fault();
    if (!fault.empty()) broken("REG-4: " + fault);
  }

  /// Nobody is at work: every entry is live, linked once and announced, or free and hinted at; no id is live twice.
  void audit_table() {
    using namespace layout;
    const test::Shape& shape = image.shape();
    const std::uint64_t* events = image.words() + image.events_at();
    const std::uint64_t* live = events + event_live_offset(shape.capacity);
    const std::uint64_t* buckets = events + event_buckets_offset(shape.capacity, shape.types);
    const std::uint64_t* entries = events + event_entries_offset(shape.capacity, shape.types, shape.buckets);
    constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << kLinkIndexBits) - 1;
    std::vector<unsigned> linked(shape.capacity, 0);
    std::set<std::uint64_t> ids;
    for (std::size_t bucket = 0; bucket < shape.buckets; ++bucket) {
      std::size_t steps = 0;
      for (std::uint64_t at = buckets[bucket] & kIndexMask; at != 0;) {
        if (at > shape.capacity || ++steps > shape.capacity) return broken("a chain does not end");
        const std::uint64_t* entry = entries + (at - 1) * entry_words(shape.record_words);
        ++linked[at - 1];
        if ((entry[kEntryMeta] & (shape.buckets - 1)) != bucket) return broken("an entry is in another id's chain");
        at = entry[kEntryNext] & kIndexMask;
      }
    }
    for (std::size_t index = 0; index < shape.capacity; ++index) {
      const std::uint64_t* entry = entries + index * entry_words(shape.record_words);
      const std::uint64_t phase = (entry[kEntryState] >> kStatePhaseShift) & 15;
      const std::uint64_t type = (entry[kEntryMeta] >> kMetaTypeShift) & 255;
      const bool is_live = phase == kPhaseLive;
      if (!is_live && phase != kPhaseFree) return broken("an entry was lost half done");
      if (is_live && linked[index] != 1) return broken("a live entry is not in its chain, or twice");
      if (!is_live && linked[index] != 0) return broken("a free entry is in a chain");
      if (is_live && !ids.insert(entry[kEntryId]).second) return broken("REG-1: an id is live twice");
      if (!is_live && ((events[0] >> index) & 1) == 0) return broken("a free entry was lost: nothing points to it");
      for (std::uint64_t of = 0; of < shape.types; ++of) {
        const bool bit = ((live[of * bitmap_words(shape.capacity)] >> index) & 1) != 0;
        if (is_live && of == type && !bit) return broken("REG-4: a live event is in no scan");
        if (bit && !(is_live && of == type)) return broken("the live bit of an event that is not live stayed set");
      }
    }
  }

  /// Forgets what an execution left outside the region's words.
  void reset() {
    // The words go back to where they were; what a ledger copied of later ones does not.
    for (std::size_t thread = 0; thread < kThreadsMax; ++thread) attachments[thread]->ledger() = fresh_ledgers[thread];
    calls.clear();
    moves.clear();
    scans.clear();
    registered = prepared;
    issued.clear();
    for (const auto& [number, handle] : initial) issued.insert(handle);
  }

  std::string name(std::size_t word) const {
    using namespace layout;
    const test::Shape& shape = image.shape();
    if (word >= image.ledger_at()) {
      const std::size_t at = word - image.ledger_at();
      if (at < kLedgerBlocks) return "root";
      const std::size_t block = block_words(shape.types, shape.slots);
      return "block " + std::to_string((at - kLedgerBlocks) / block) + "[" + std::to_string((at - kLedgerBlocks) % block) + "]";
    }
    if (word < image.events_at()) return "word " + std::to_string(word);
    const std::size_t at = word - image.events_at();
    const std::size_t buckets = event_buckets_offset(shape.capacity, shape.types);
    const std::size_t entries = event_entries_offset(shape.capacity, shape.types, shape.buckets);
    if (at < event_live_offset(shape.capacity)) return "free hints";
    if (at < buckets) return "live bits " + std::to_string((at - event_live_offset(shape.capacity)) / bitmap_words(shape.capacity));
    if (at < entries) return "bucket " + std::to_string(at - buckets);
    const std::size_t of = (at - entries) / entry_words(shape.record_words);
    const std::size_t in = (at - entries) % entry_words(shape.record_words);
    static const char* const kNames[] = {".state", ".next", ".meta"};
    if (in < 3) return "entry " + std::to_string(of) + kNames[in];
    return "entry " + std::to_string(of) + (in < kEntryRecord ? ".id" : ".record");
  }

  /// A scenario on this stage, still without threads.
  Scenario scenario(std::string title) {
    Scenario made;
    made.title = std::move(title);
    made.words = image.words();
    made.word_count = image.word_count();
    made.reset = [this] { reset(); };
    made.audit = [this] {
      audit_calls();
      audit_scans();
      audit_table();
    };
    made.name = [this](std::size_t word) { return name(word); };
    return made;
  }

  test::RegionImage image;
  std::vector<std::unique_ptr<Attachment>> attachments;
  /// As they were attached.
  std::vector<ReservationLedger> fresh_ledgers;
  std::map<std::uint64_t, std::uint64_t> initial;
  std::vector<Call> calls;
  std::vector<Move> moves;
  std::vector<Scan> scans;
  /// By handle: events that were there at first, and those with all whose register succeeded.
  std::map<std::uint64_t, Registered> prepared;
  std::map<std::uint64_t, Registered> registered;
  std::set<std::uint64_t> issued;
};

/// A scenario and the stage that it plays on.
struct Play {
  std::shared_ptr<Stage> stage;
  Scenario scenario;
};

std::vector<Play> event_table_plays();
std::vector<Play> handle_plays();
std::vector<Play> death_plays();
std::vector<Play> ring_plays();
std::vector<Play> ledger_plays();
std::vector<Play> token_plays();
std::vector<Play> participant_plays();

}  // namespace signalbox::model
