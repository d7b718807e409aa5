# The event table's checks. See take_out.cmake.

set(file sync/event_table.hpp)

check(register-derailed ${file} "Status register_event(" [[found.derailed]] [[false]]
  "" "only spoilt bytes derail a walk that counts; find begins anew on every other")
check(exists-counts ${file} "Status register_event(" [[!IdIndex::counts(bucket, found)]] [[false]]
  "events: an entry that is reused under a walk" "an entry that was met outside its chain is made live, linked or not")
check(exists-make_live ${file} "Status register_event(" [[!make_live(found.index, found.state)]] [[false]]
  "handle: an event that is registered, found" "who was told of an event acts on it before it is live")
check(exists-retired ${file} "Status register_event(" [[make_live(found.index, found.state)]]
  [[make_live(found.index, found.state) || true]]
  "" "an event that was retired since it was found was live within the call: kExists is as true")
check(full-counts ${file} "Full counts only if" [[!IdIndex::counts(bucket, found)]] [[false]]
  "id: a table that is full" "kFull for an id that is there")
check(G5-first ${file} "Status register_event(" [[live_.set(type, mine);]] [[]]
  "handle: an event that is registered, found" "an event that somebody found is in no scan yet")
also(G5-first ${file} "Somebody may have found it" [[make_live(mine, pending);]]
  [[live_.set(type, mine); make_live(mine, pending);]])
check(get-range ${file} "Status get(" [[index < entries_.capacity]] [[true]]
  "handle: one that is no entry" "a handle leads out of the table")
check(get_by_id-derailed ${file} "Status get_by_id(" [[found.derailed]] [[false]]
  "" "as register-derailed")
check(get_by_id-counts ${file} "Status get_by_id(" [[!IdIndex::counts(bucket, found)]] [[false]]
  "events: an entry that is met before" "an entry that was met outside its chain is made live")
check(get_by_id-make_live ${file} "Status get_by_id(" [[!make_live(found.index, found.state)]] [[false]]
  "" "the copy fails then: an event that its registrar has not made live yet may be called gone as well")
check(get_by_id-retired ${file} "Status get_by_id(" [[make_live(found.index, found.state)]]
  [[make_live(found.index, found.state) || true]]
  "" "the copy fails then, and the last look says whether that is the answer")
check(get_by_id-generation ${file} "Status get_by_id(" [[generation_of(found.state)]] [[kAnyGeneration]]
  "" "an entry that was reused has raised the tag of the bucket: the last look sees it")
check(get_by_id-bucket ${file} "Status get_by_id(" [[bucket.load(std::memory_order_relaxed) != found.head]] [[false]]
  "events: an id between two neighbours" "an event that nobody retires is gone for a walk that an entry was reused under")
check(id_of-range ${file} "std::uint32_t id_of(" [[index >= entries_.capacity]] [[false]]
  "handle: one that is no entry" "a handle leads out of the table")
check(id_of-live ${file} "std::uint32_t id_of("
  [[!is_live(entry[layout::kEntryState].load(std::memory_order_acquire), handle)]]
  [[entry[layout::kEntryState].load(std::memory_order_acquire) == ~std::uint64_t{0}]]
  "" "the second look asks for the same; the load is needed, for its acquire")
check(id_of-again ${file} "std::uint32_t id_of("
  [[!is_live(entry[layout::kEntryState].load(std::memory_order_relaxed), handle)]] [[false]]
  "handle: that of a retired event" "the id of another event, or half of it")
check(transition-range ${file} "Status transition(" [[index >= entries_.capacity]] [[false]]
  "handle: one that is no entry" "a handle leads out of the table")
check(transition-generation ${file} "Status transition(" [[!is_live(seen, handle)]] [[phase_of(seen) != layout::kPhaseLive]]
  "handle: that of a retired event" "an old handle moves the event that took its entry")
check(transition-phase ${file} "Status transition("
  [[!is_live(seen, handle)]] [[generation_of(seen) != generation_of_handle(handle)]]
  "handle: that of a retired event" "a retired event is moved")
check(transition-legal ${file} "Status transition(" [[!may_follow(lifecycle_of(seen), to)]] [[false]]
  "handle: a spent mark" "two transitions that exclude each other are made")
check(transition-L1 ${file} "Status transition("
  [[state.compare_exchange_weak(seen, (seen & ~kLifecycleMask) | to, std::memory_order_acq_rel,
                                      std::memory_order_acquire)]]
  [[state.store((seen & ~kLifecycleMask) | to, std::memory_order_release), true]]
  "handle: a spent mark" "two transitions that exclude each other are made")
check(spend-range ${file} "Status spend(" [[index >= entries_.capacity]] [[false]]
  "handle: one that is no entry" "a handle leads out of the table")
check(spend-generation ${file} "Status spend(" [[!is_live(seen, handle)]] [[phase_of(seen) != layout::kPhaseLive]]
  "handle: that of a retired event" "the event that took the entry of a settled one is spent")
check(spend-phase ${file} "Status spend("
  [[!is_live(seen, handle)]] [[generation_of(seen) != generation_of_handle(handle)]]
  "handle: that of a retired event" "a retired event is spent, and the claim of its entry fails for it")
check(spend-B2 ${file} "Status spend("
  [[state.compare_exchange_weak(seen, seen | (std::uint64_t{1} << layout::kStateSpentShift),
                                      std::memory_order_acq_rel, std::memory_order_acquire)]]
  [[state.store(seen | (std::uint64_t{1} << layout::kStateSpentShift), std::memory_order_release), true]]
  "handle: a spent mark" "a transition or a retire of the event is undone")
check(may_reserve-range ${file} "bool may_reserve(" [[index >= entries_.capacity]] [[false]]
  "handle: one that is no entry" "a handle leads out of the table")
check(may_reserve-live ${file} "bool may_reserve(" [[!is_live(seen, handle)]] [[false]]
  "" "the second look asks for the same; the load is needed, for its acquire")
check(may_reserve-again ${file} "bool may_reserve(" [[!is_live(again, handle)]] [[false]]
  "handle: that of a retired event" "an event is reserved under the symbol of the next one in its entry")
check(may_reserve-spent ${file} "bool may_reserve(" [[is_spent(again)]] [[false]]
  "death: an event whose submitter" "an event whose position was settled is reserved again")
check(may_reserve-actionable ${file} "bool may_reserve(" [[((actionable_ >> lifecycle_of(again)) & 1) == 0]] [[false]]
  "handle: a spent mark" "an event that was decided against is reserved")
check(retire-range ${file} "Status retire(" [[index >= entries_.capacity]] [[false]]
  "handle: one that is no entry" "a handle leads out of the table")
check(retire-generation ${file} "Status retire(" [[!is_live(seen, handle)]] [[phase_of(seen) != layout::kPhaseLive]]
  "handle: that of a retired event" "an old handle retires the event that took its entry")
check(retire-phase ${file} "Status retire("
  [[!is_live(seen, handle)]] [[generation_of(seen) != generation_of_handle(handle)]]
  "handle: that of a retired event" "an event is retired twice")
check(retire-T1 ${file} "Status retire("
  [[state.compare_exchange_weak(seen, state_word(generation_of(seen), layout::kPhaseRetired, owner),
                                      std::memory_order_acq_rel, std::memory_order_acquire)]]
  [[state.store(state_word(generation_of(seen), layout::kPhaseRetired, owner), std::memory_order_release), true]]
  "handle: an event that two retire" "an event is retired twice")
check(scan-type ${file} "WriteHead write_head) const" [[type != kAllTypes && view.type != type]] [[false]]
  "events: a scan of one type" "a scan of one type gives an event of another")
check(scan-copy ${file} "WriteHead write_head) const" [[!table.copy(index, kAnyGeneration, row + 4, &view)]]
  [[!table.copy(index, kAnyGeneration, row + 4, &view) && false]]
  "events: what was found by its id" "a scan gives what is not live")
check(recover-hint ${file} "void recover(" [[if (phase == layout::kPhaseFree) hint(index);]] [[]]
  "death: a retire cut short" "a death between a hint and its claim loses the entry")
check(recover-owner ${file} "void recover(" [[owner_of(seen) != owner]] [[false]]
  "death: a register cut short" "what the living are at is taken apart")
check(recover-writing ${file} "void recover(" [[if (phase == layout::kPhaseWriting) abandon(index);]] [[]]
  "death: a register cut short" "an entry that a dead one was filling is lost")
check(recover-retired ${file} "void recover(" [[if (phase == layout::kPhaseRetired) dispose(index, owner);]] [[]]
  "death: a retire cut short" "an entry that a dead one was retiring is lost")
check(recover-contains ${file} "void recover(" [[index_.place_of(index, hash_of(meta))]] [[IdIndex::Place::kNotLinked]]
  "death: a register cut short" "an event whose id is taken is taken apart")
check(recover-pending ${file} "void recover("
  [[state_at(index).compare_exchange_strong(
                       seen, state_word(generation_of(seen), layout::kPhaseWriting, owner),
                       std::memory_order_acq_rel, std::memory_order_relaxed)]]
  [[true]]
  "death: a register cut short" "an entry that somebody found and retired meanwhile is given back twice")
check(make_live-live ${file} "bool make_live(" [[phase_of(seen) == layout::kPhaseLive]] [[false]]
  "handle: a spent mark" "who finds an event takes its lifecycle back to the first")
check(make_live-G8 ${file} "bool make_live("
  [[state_at(index).compare_exchange_strong(seen, live, std::memory_order_acq_rel,
                                                   std::memory_order_acquire)]]
  [[state_at(index).store(live, std::memory_order_release), true]]
  "handle: an event that is registered, found" "a retired event comes back to life")
check(make_live-identity ${file} "bool make_live(" [[is_live(seen, handle_of(index, live))]] [[false]]
  "" "the caller looks again and finds it live")
check(copy-phase ${file} "bool copy(" [[phase_of(before) != layout::kPhaseLive]] [[false]]
  "handle: that of a retired event" "an event that is not live is read")
check(copy-generation ${file} "bool copy("
  [[generation != kAnyGeneration && generation_of(before) != generation]] [[false]]
  "handle: that of a retired event" "an old handle leads to the event that took its entry")
check(copy-V3 ${file} "bool copy(" [[((after ^ before) & kIdentityMask) != 0]] [[false]]
  "handle: that of a retired event" "a record is torn")
check(copy-type ${file} "bool copy(" [[view->type < types_]] [[true]]
  "" "a table's types are below its number; spoilt bytes alone say otherwise (event_table_test.cpp)")
check(may_reserve-type ${file} "bool may_reserve(" [[*type < types_]] [[true]]
  "" "as copy-type")
check(clear-type sync/live_map.hpp "void clear(" [[type < types_]] [[true]]
  "" "as copy-type")
check(claim-hint ${file} "std::size_t claim(" [[(hints & mine) != 0]] [[true]]
  "" "the CAS of the state decides; who lost the hint only spares it")
check(claim-free ${file} "std::size_t claim(" [[phase_of(seen) == layout::kPhaseFree]] [[true]]
  "death: a hint that" "a hint too many gives a live entry away")
check(claim-G7 ${file} "std::size_t claim("
  [[state.compare_exchange_strong(seen, state_word(next_generation(seen), layout::kPhaseWriting, owner),
                                            std::memory_order_acquire, std::memory_order_relaxed)]]
  [[state.store(state_word(next_generation(seen), layout::kPhaseWriting, owner), std::memory_order_release), true]]
  "death: a hint that" "two registers fill one entry")
check(claim-generation sync/event_entry.hpp "next_generation(std::uint64_t state)"
  [[generation_of(state) + 1]] [[generation_of(state)]]
  "handle: that of a retired event" "two events in turn have one handle")
check(T4-first ${file} "bool dispose(" [[if (!index_.remove(index, hash_of(meta))) return false;]] [[]]
  "handle: an event that two retire" "an entry is claimed while its chain still leads through it")
also(T4-first ${file} "bool dispose(" [[hint(index);]] [[hint(index); return index_.remove(index, hash_of(meta));]])
check(abandon-bit ${file} "void abandon(" [[live_.clear(type_of(meta), index);]] [[]]
  "handle: an event that is registered, found" "the bit of an entry that was never linked stays, and with it its cost")
