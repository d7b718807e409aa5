# The checks of the ledger and of the block that it works on. See take_out.cmake.

set(file sync/reservation_ledger.hpp)
set(block sync/ledger_block.hpp)

check(reserve-current ${file} "Status reserve(" [[is_current(root)]] [[true]]
  "ledger: what fits" "what fits is refused for a mixture of two blocks")
check(reserve-forgets ${file} "Status reserve(" [[if (index > 0) copied_root_ = kNoRoot;]] [[]]
  "token: a set that is refused" "a participant keeps what a refused set had put into its copy (A7)")
check(submit-current ${file} "Status advance(" [[is_current(root)]] [[true]]
  "token: one that stands is submitted" "a token that stands is called stale")
check(advance-state ${file} "Status advance(" [[LedgerBlock::state_of(slot) != from]] [[false]]
  "token: a stale one" "an order leaves twice for one reservation")
check(release-stale-current ${file} "if (slot == nullptr) {" [[is_current(root)]] [[true]]
  "token: one that stands is released" "a token that stands is called stale, and its slot is never freed")
check(release-state ${file} "Status release("
  [[state == layout::kSlotOpen || (state != layout::kSlotReserved && !settled)]] [[false]]
  "token: a stale one" "an order that is out loses its slot")
check(release-illegal-current ${file} "state == layout::kSlotOpen" [[is_current(root)]] [[true]]
  "token: one that was RESERVED" "a reservation is told that its order is out")
check(release-spend-current ${file} "if (state != layout::kSlotReserved) {" [[!is_current(root)]] [[false]]
  "token: who settles" "an event that was never submitted is spent")
check(release-range-current ${file} "if (!copy_.may_add_capital(" [[is_current(root)]] [[true]]
  "" "the capital of every block is an amount, also that of a torn copy; a change that one of them refuses is beyond all plays")
check(release-B2 ${file} "Status release(" [[events_->spend(slot[layout::kSlotEvent]);]] [[]]
  "death: an event whose submitter" "an event whose submitter died is reserved again")
check(B2-first ${file} "Status release(" [[events_->spend(slot[layout::kSlotEvent]);]]
  [[const std::uint64_t event = slot[layout::kSlotEvent]; copy_.remove(slot); copy_.add_capital(capital_change_minor);
    if (commit(root)) { events_->spend(event); return Status::kOk; } continue;]]
  "death: an event whose submitter" "between the commit and the mark an event is reserved again")
check(recover-state ${file} "std::size_t recover(" [[LedgerBlock::state_of(slot) == layout::kSlotReserved]] [[true]]
  "token: a stale one" "an order that is out loses its slot with its holder")
check(recover-holder ${file} "std::size_t recover(" [[LedgerBlock::owner_of(slot) == dead]] [[true]]
  "token: a stale one" "the living lose their slots")
check(recover-lease ${file} "std::size_t recover(" [[static_cast<std::int64_t>(slot[layout::kSlotLease]) <= now_ns]] [[true]]
  "token: a stale one" "a lease ends before its time")
check(recover-current ${file} "std::size_t recover(" [[is_current(root)]] [[true]]
  "token: a lease that is over" "a slot whose lease is over is missed")
check(read-current ${file} "const std::uint64_t* read()" [[is_current(root)]] [[true]]
  "ledger: a reader is not misled" "a reader gets a mixture of two blocks")
check(copied-root ${file} "std::uint64_t load_copy()" [[root == copied_root_]] [[copied_root_ != kNoRoot]]
  "token: one that stands is submitted" "nobody's change but one's own is seen")
check(commit-block ${file} "bool commit(" [[named == 1 + 2 * owner_ ? 1 : 0]] [[0]]
  "token: one that stands is submitted" "a block is written that the root names")
check(commit-sequence ${file} "bool commit(" [[(root >> layout::kRootBlockBits) + 1]] [[root >> layout::kRootBlockBits]]
  "token: one that stands is submitted" "a root comes back, and a copy that was written over meanwhile counts")
check(commit-A5 ${file} "bool commit("
  [[!root_->compare_exchange_strong(root, next, std::memory_order_acq_rel, std::memory_order_relaxed)]]
  [[root_->store(next, std::memory_order_release), false]]
  "token: a lease that is over" "a change that was made meanwhile is lost")
check(commit-forgets ${file} "bool commit(" [[copied_root_ = kNoRoot;]] [[]]
  "" "the CAS failed because the root is another, and no root comes back")
check(block-range ${file} "const Word* block_of(" [[block < block_count_]] [[true]]
  "" "a root names a block; the range is checked against spoilt bytes")
check(slot-count ${block} "std::size_t slot_count()" [[count <= slots_max_]] [[true]]
  "" "a block's head is one word, and its count right; it is bounded against spoilt bytes")
check(token ${block} "std::uint64_t* slot_of_token(" [[slot_at(index)[layout::kSlotToken] == token]] [[true]]
  "token: a stale one" "a stale token frees what another holds")
check(token-next ${block} "LedgerStatus admit(" [[block[layout::kBlockNextToken]++]] [=[block[layout::kBlockNextToken]]=]
  "token: a stale one" "two slots have one token")
check(admit-B1 ${block} "LedgerStatus admit(" [[!events_.may_reserve(request.handle, &type, &symbol)]]
  [[!events_.may_reserve(request.handle, &type, &symbol) && false]]
  "token: a stale one" "a spent event is reserved")
check(admit-claimed ${block} "LedgerStatus admit(" [[if (claimed) return LedgerStatus::kEventClaimed;]] [[]]
  "token: a stale one" "an event holds two slots")
check(admit-capital ${block} "LedgerStatus admit(" [[request.capital_minor > block_.capital() - static_cast<std::int64_t>(held)]] [[false]]
  "token: a set that is refused" "more is reserved than there is")
