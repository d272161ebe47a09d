/// onnx/reader.hpp: a zero-copy view of an ONNX file.
///
/// Room: onnx. Includes core's dtypes and freestanding standard headers; no heap, no exceptions. check/, export/ and the
/// adapters depend on it.
///   `if (wire::model_file const file = wire::read_model(bytes)) for (wire::value_view const v : file.model.graph.inputs()) ...`
/// `read_model` checks the whole file once (validate.hpp); what it returns are views into the bytes, which must outlive
/// them. Weights are never touched: only their names, types, dimensions and sizes are, so that a memory-mapped file of any
/// size is read in the time that its nodes take. Walking is safe on any bytes; on bytes that did not pass the check, or
/// have changed since, a walk ends early.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <constexport/core/dtype.hpp>
#include <constexport/onnx/cursor.hpp>
#include <constexport/onnx/messages.hpp>
#include <constexport/onnx/validate.hpp>

namespace constexport::wire {

/// The occurrences of one field in a message, as a range of `View`s, each made of the field by `View::read(field)`.
template <class View, field_number Number>
class repeated {
 public:
  class iterator {
   public:
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    constexpr iterator() = default;
    explicit constexpr iterator(std::string_view bytes) : fields_(bytes) { ++*this; }
    constexpr View operator*() const { return View::read(field_); }
    constexpr iterator& operator++() {
      do more_ = fields_.next(field_);
      while (more_ && !(field_.number == Number && field_.type == wire_type::length_delimited));
      return *this;
    }
    constexpr iterator operator++(int) {
      iterator const before = *this;
      ++*this;
      return before;
    }
    struct end_mark {};
    friend constexpr bool operator==(iterator const& at, end_mark) { return !at.more_; }

   private:
    cursor fields_;
    field field_;
    bool more_ = false;
  };

  constexpr repeated() = default;
  explicit constexpr repeated(std::string_view message) : message_(message) {}
  constexpr iterator begin() const { return iterator{message_}; }
  constexpr typename iterator::end_mark end() const { return {}; }
  /// How many there are; walks over them.
  constexpr std::size_t size() const {
    std::size_t count = 0;
    for (iterator at = begin(); !(at == end()); ++at) ++count;
    return count;
  }

 private:
  std::string_view message_;
};

/// A repeated number, packed or not, as a range. `Number` is the field, `Real` whether it is a float.
template <field_number Number, bool Real = false>
class numbers {
 public:
  using value_type = std::conditional_t<Real, float, std::int64_t>;
  class iterator {
   public:
    explicit constexpr iterator(std::string_view message) : fields_(message) { ++*this; }
    constexpr value_type operator*() const {
      if constexpr (Real)
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits_));
      else
        return static_cast<std::int64_t>(bits_);
    }
    constexpr iterator& operator++() {
      while (true) {
        if (!packed_.at_end()) {
          more_ = Real ? packed_.fixed(4, bits_) : packed_.varint(bits_);
          if (more_) return *this;
        }
        field each;
        do more_ = fields_.next(each);
        while (more_ && each.number != Number);
        if (!more_) return *this;
        if (each.type == wire_type::length_delimited) {
          packed_ = cursor{each.bytes, each.content};
        } else {
          bits_ = each.bits;
          return *this;
        }
      }
    }
    struct end_mark {};
    friend constexpr bool operator==(iterator const& at, end_mark) { return !at.more_; }

   private:
    cursor fields_;
    cursor packed_;
    std::uint64_t bits_ = 0;
    bool more_ = false;
  };

  constexpr numbers() = default;
  explicit constexpr numbers(std::string_view message) : message_(message) {}
  constexpr iterator begin() const { return iterator{message_}; }
  constexpr typename iterator::end_mark end() const { return {}; }
  constexpr std::size_t size() const {
    std::size_t count = 0;
    for (iterator at = begin(); !(at == end()); ++at) ++count;
    return count;
  }

 private:
  std::string_view message_;
};

/// A string of a repeated field.
struct text_view {
  std::string_view text;
  static constexpr text_view read(field const& from) { return {from.bytes}; }
  constexpr operator std::string_view() const { return text; }
};

/// An operator set that the model imports.
struct opset_view : opset_id {
  static constexpr opset_view read(field const& from) {
    opset_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == opset_field::domain) result.domain = each.bytes;
      if (each.number == opset_field::version) result.version = each.integer();
    }
    return result;
  }
};

/// A key with its value.
struct entry_view : metadata_entry {
  static constexpr entry_view read(field const& from) {
    entry_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == entry_field::key) result.key = each.bytes;
      if (each.number == entry_field::value) result.value = each.bytes;
    }
    return result;
  }
};

/// One declared dimension: a value (at least 0 in a legal file), or a param, or neither.
struct dim_view {
  bool has_value = false;
  std::int64_t value = 0;
  std::string_view param;
  std::string_view denotation;

  static constexpr dim_view read(field const& from) {
    dim_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) switch (each.number) {
        case dim_field::dim_value:
          result.has_value = true;
          result.value = each.integer();
          result.param = {};
          break;
        case dim_field::dim_param:
          result.has_value = false;
          result.param = each.bytes;
          break;
        case dim_field::denotation: result.denotation = each.bytes; break;
        default: break;
      }
    return result;
  }
};

/// What kind of value a graph's input or output is.
enum class value_type : std::uint8_t { none, tensor, sequence, map, opaque, sparse_tensor, optional };

/// A graph's input, output or inner value.
struct value_view {
  std::string_view name;
  wire::value_type what = wire::value_type::none;
  dtype type = dtype::undefined;  ///< of a tensor's elements; the number as it stands in the file
  bool has_shape = false;
  std::string_view shape;         ///< the TensorShapeProto's bytes
  std::string_view doc_string;

  /// The declared dimensions; none of a scalar, and none if there is no shape.
  constexpr repeated<dim_view, shape_field::dim> dims() const { return repeated<dim_view, shape_field::dim>{shape}; }

  static constexpr value_view read(field const& from) {
    value_view result;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == value_info_field::name) result.name = each.bytes;
      if (each.number == value_info_field::doc_string) result.doc_string = each.bytes;
      if (each.number == value_info_field::type) result.read_type(each.bytes);
    }
    return result;
  }

 private:
  constexpr void read_type(std::string_view bytes) {
    cursor fields{bytes};
    for (field each; fields.next(each);) switch (each.number) {
        case type_field::tensor_type: read_tensor(each.bytes, wire::value_type::tensor); break;
        case type_field::sparse_tensor_type: read_tensor(each.bytes, wire::value_type::sparse_tensor); break;
        case type_field::sequence_type: what = wire::value_type::sequence; break;
        case type_field::map_type: what = wire::value_type::map; break;
        case type_field::opaque_type: what = wire::value_type::opaque; break;
        case type_field::optional_type: what = wire::value_type::optional; break;
        default: break;
      }
  }
  constexpr void read_tensor(std::string_view bytes, wire::value_type kind) {
    what = kind;
    cursor fields{bytes};
    for (field each; fields.next(each);) {
      if (each.number == tensor_type_field::elem_type) type = static_cast<dtype>(each.integer());
      if (each.number == tensor_type_field::shape) {
        has_shape = true;
        shape = each.bytes;
      }
    }
  }
};

/// A tensor stored in the file or beside it, without its data.
struct stored_tensor {
  std::string_view name;
  dtype type = dtype::undefined;
  std::string_view bytes;              ///< the whole TensorProto
  std::string_view raw_data;           ///< little endian; empty if the data is elsewhere
  std::uint64_t data_size = 0;         ///< bytes that the data takes in this file, in whichever field it is
  data_location location = data_location::in_file;

  constexpr numbers<tensor_field::dims> dims() const { return numbers<tensor_field::dims>{bytes}; }
  /// location, offset, length, checksum of external data.
  constexpr repeated<entry_view, tensor_field::external_data> external() const {
    return repeated<entry_view, tensor_field::external_data>{bytes};
  }

  static constexpr stored_tensor read(field const& from) {
    stored_tensor result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) switch (each.number) {
        case tensor_field::name: result.name = each.bytes; break;
        case tensor_field::data_type: result.type = static_cast<dtype>(each.integer()); break;
        case tensor_field::data_location: result.location = static_cast<data_location>(each.integer()); break;
        case tensor_field::raw_data: result.raw_data = each.bytes; [[fallthrough]];
        case tensor_field::float_data:
        case tensor_field::int32_data:
        case tensor_field::string_data:
        case tensor_field::int64_data:
        case tensor_field::double_data:
        case tensor_field::uint64_data:
          result.data_size += each.type == wire_type::length_delimited ? each.bytes.size() : 0;
          break;
        default: break;
      }
    return result;
  }
};

/// An attribute of a node; which member counts, `type` says.
struct attribute_view {
  std::string_view name;
  attribute_type type = attribute_type::undefined;
  float f = 0;
  std::int64_t i = 0;
  std::string_view s;
  std::string_view bytes;      ///< the whole AttributeProto
  std::string_view graph;      ///< the bytes of a graph: `graph_view::of(graph)`
  std::string_view reference;  ///< within a function: the name of the function's attribute
  stored_tensor t{};

  constexpr numbers<attribute_field::ints> ints() const { return numbers<attribute_field::ints>{bytes}; }
  constexpr numbers<attribute_field::floats, true> floats() const {
    return numbers<attribute_field::floats, true>{bytes};
  }
  constexpr repeated<text_view, attribute_field::strings> strings() const {
    return repeated<text_view, attribute_field::strings>{bytes};
  }

  static constexpr attribute_view read(field const& from) {
    attribute_view result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) switch (each.number) {
        case attribute_field::name: result.name = each.bytes; break;
        case attribute_field::type: result.type = static_cast<attribute_type>(each.integer()); break;
        case attribute_field::f: result.f = each.number32(); break;
        case attribute_field::i: result.i = each.integer(); break;
        case attribute_field::s: result.s = each.bytes; break;
        case attribute_field::t: result.t = stored_tensor::read(each); break;
        case attribute_field::g: result.graph = each.bytes; break;
        case attribute_field::ref_attr_name: result.reference = each.bytes; break;
        default: break;
      }
    return result;
  }
};

/// A node of a graph.
struct node_view {
  std::string_view op_type;
  std::string_view name;
  std::string_view domain;
  std::string_view bytes;  ///< the whole NodeProto

  constexpr repeated<text_view, node_field::input> inputs() const { return repeated<text_view, node_field::input>{bytes}; }
  constexpr repeated<text_view, node_field::output> outputs() const {
    return repeated<text_view, node_field::output>{bytes};
  }
  constexpr repeated<attribute_view, node_field::attribute> attributes() const {
    return repeated<attribute_view, node_field::attribute>{bytes};
  }

  static constexpr node_view read(field const& from) {
    node_view result;
    result.bytes = from.bytes;
    cursor fields{from.bytes, from.content};
    for (field each; fields.next(each);) {
      if (each.number == node_field::op_type) result.op_type = each.bytes;
      if (each.number == node_field::name) result.name = each.bytes;
      if (each.number == node_field::domain) result.domain = each.bytes;
    }
    return result;
  }
};

/// A graph: the model's, or one within an attribute.
struct graph_view {
  std::string_view name;
  std::string_view bytes;  ///< the whole GraphProto

  constexpr repeated<node_view, graph_field::node> nodes() const { return repeated<node_view, graph_field::node>{bytes}; }
  constexpr repeated<stored_tensor, graph_field::initializer> initializers() const {
    return repeated<stored_tensor, graph_field::initializer>{bytes};
  }
  constexpr repeated<value_view, graph_field::input> inputs() const {
    return repeated<value_view, graph_field::input>{bytes};
  }
  constexpr repeated<value_view, graph_field::output> outputs() const {
    return repeated<value_view, graph_field::output>{bytes};
  }
  constexpr repeated<value_view, graph_field::value_info> value_infos() const {
    return repeated<value_view, graph_field::value_info>{bytes};
  }

  static constexpr graph_view of(std::string_view bytes) {
    graph_view result;
    result.bytes = bytes;
    cursor fields{bytes};
    for (field each; fields.next(each);)
      if (each.number == graph_field::name) result.name = each.bytes;
    return result;
  }
};

/// A model: what stands outside its graph, and the graph.
struct model_view {
  std::int64_t ir_version = 0;  ///< 0: not stated
  std::string_view producer_name, producer_version, domain, doc_string;
  std::int64_t model_version = 0;
  std::string_view bytes;  ///< the whole ModelProto
  graph_view graph;

  constexpr repeated<opset_view, model_field::opset_import> opsets() const {
    return repeated<opset_view, model_field::opset_import>{bytes};
  }
  constexpr repeated<entry_view, model_field::metadata_props> metadata() const {
    return repeated<entry_view, model_field::metadata_props>{bytes};
  }
  /// Version of an operator set that the model imports; 0 if it does not.
  constexpr std::int64_t opset(std::string_view wanted = {}) const {
    for (opset_view const each : opsets())
      if (each.domain == wanted || (wanted.empty() && each.domain == "ai.onnx")) return each.version;
    return 0;
  }
  /// The value of a metadata key; empty if it is not there.
  constexpr std::string_view find_metadata(std::string_view key) const {
    for (entry_view const each : metadata())
      if (each.key == key) return each.value;
    return {};
  }
};

/// A model, or why there is none.
struct model_file {
  read_status status;
  model_view model;
  constexpr explicit operator bool() const { return static_cast<bool>(status); }
};

/// Reads a ModelProto. On an error, `status` says which and where; `model` is then empty.
constexpr model_file read_model(std::string_view bytes) {
  model_file result;
  result.status = validate_model(bytes);
  if (!result) return result;
  model_view found;
  found.bytes = bytes;
  bool has_graph = false;
  cursor fields{bytes};
  for (field each; fields.next(each);) switch (each.number) {
      case model_field::ir_version: found.ir_version = each.integer(); break;
      case model_field::producer_name: found.producer_name = each.bytes; break;
      case model_field::producer_version: found.producer_version = each.bytes; break;
      case model_field::domain: found.domain = each.bytes; break;
      case model_field::model_version: found.model_version = each.integer(); break;
      case model_field::doc_string: found.doc_string = each.bytes; break;
      case model_field::graph:
        has_graph = true;
        found.graph = graph_view::of(each.bytes);
        break;
      default: break;
    }
  if (has_graph)
    result.model = found;
  else
    result.status = {read_error::no_graph, bytes.size()};
  return result;
}

/// The same over bytes, for example of a memory-mapped file.
inline model_file read_model(std::span<std::byte const> bytes) {
  return read_model(std::string_view{reinterpret_cast<char const*>(bytes.data()), bytes.size()});
}

}  // namespace constexport::wire
