using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Lambda.Architecture.Tests.Reading;

/// <summary>
/// Reads from an assembly's metadata and IL what each of its types refers to: bases, interfaces, attributes, signatures, locals, caught
/// exceptions and every instruction. Nested types (so lambdas, iterators and asynchronous methods too) count as their outermost type.
/// </summary>
internal sealed class TypeUseReader : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly string _assembly;
    private readonly HashSet<TypeUse> _uses = [];
    private readonly SignatureVisitor _signatures;
    private string _user = "";

    private TypeUseReader(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
        _assembly = _metadata.GetString(_metadata.GetAssemblyDefinition().Name);
        _signatures = new SignatureVisitor(handle => AddType(handle, member: null));
    }

    /// <summary>The uses by all types whose outermost type is in a namespace that <paramref name="isWanted"/> accepts.</summary>
    public static IReadOnlyCollection<TypeUse> Read(string path, Func<string, bool> isWanted)
    {
        using var reader = new TypeUseReader(path);
        foreach (var handle in reader._metadata.TypeDefinitions)
        {
            var (space, name) = reader.NameOf(handle);
            if (isWanted(space))
            {
                reader._user = $"{space}.{name.Split('+')[0]}";
                reader.VisitType(reader._metadata.GetTypeDefinition(handle));
            }
        }

        return reader._uses;
    }

    /// <summary>The namespaces that an assembly defines types in.</summary>
    public static IReadOnlyCollection<string> Namespaces(string path)
    {
        using var reader = new TypeUseReader(path);
        return reader._metadata.TypeDefinitions.Select(handle => reader.NameOf(handle).Namespace).ToHashSet();
    }

    /// <summary>The simple names of the assemblies that an assembly refers to.</summary>
    public static IReadOnlyCollection<string> References(string path)
    {
        using var reader = new TypeUseReader(path);
        return [.. reader._metadata.AssemblyReferences.Select(a => reader._metadata.GetString(reader._metadata.GetAssemblyReference(a).Name))];
    }

    public void Dispose() => _file.Dispose();

    private void VisitType(TypeDefinition type)
    {
        AddType(type.BaseType, member: null);
        VisitAttributes(type.GetCustomAttributes());
        VisitConstraints(type.GetGenericParameters());
        foreach (var implementation in type.GetInterfaceImplementations())
        {
            AddType(_metadata.GetInterfaceImplementation(implementation).Interface, member: null);
        }

        foreach (var handle in type.GetFields())
        {
            var field = _metadata.GetFieldDefinition(handle);
            field.DecodeSignature(_signatures, genericContext: null);
            VisitAttributes(field.GetCustomAttributes());
        }

        foreach (var handle in type.GetProperties())
        {
            VisitAttributes(_metadata.GetPropertyDefinition(handle).GetCustomAttributes());
        }

        foreach (var handle in type.GetMethods())
        {
            VisitMethod(_metadata.GetMethodDefinition(handle));
        }
    }

    private void VisitMethod(MethodDefinition method)
    {
        method.DecodeSignature(_signatures, genericContext: null);
        VisitAttributes(method.GetCustomAttributes());
        VisitConstraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        Visit(body.LocalSignature);
        foreach (var region in body.ExceptionRegions)
        {
            AddType(region.CatchType, member: null);
        }

        foreach (var token in MethodTokens.Read(body))
        {
            Visit(token);
        }
    }

    private void VisitAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (var handle in attributes)
        {
            Visit(_metadata.GetCustomAttribute(handle).Constructor);
        }
    }

    private void VisitConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var constraint in parameters.SelectMany(p => _metadata.GetGenericParameter(p).GetConstraints()))
        {
            AddType(_metadata.GetGenericParameterConstraint(constraint).Type, member: null);
        }
    }

    private void Visit(EntityHandle token)
    {
        switch (token.Kind)
        {
            case var _ when token.IsNil:
                break;
            case HandleKind.MemberReference:
                var reference = _metadata.GetMemberReference((MemberReferenceHandle)token);
                VisitMemberSignature(reference);
                AddType(reference.Parent, _metadata.GetString(reference.Name));
                break;
            case HandleKind.MethodDefinition:
                var method = _metadata.GetMethodDefinition((MethodDefinitionHandle)token);
                AddType(method.GetDeclaringType(), _metadata.GetString(method.Name));
                break;
            case HandleKind.FieldDefinition:
                var field = _metadata.GetFieldDefinition((FieldDefinitionHandle)token);
                AddType(field.GetDeclaringType(), _metadata.GetString(field.Name));
                break;
            case HandleKind.MethodSpecification:
                var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)token);
                generic.DecodeSignature(_signatures, genericContext: null);
                Visit(generic.Method);
                break;
            case HandleKind.StandaloneSignature:
                VisitStandalone(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)token));
                break;
            default:
                AddType(token, member: null);
                break;
        }
    }

    private void VisitMemberSignature(MemberReference reference)
    {
        if (reference.GetKind() == MemberReferenceKind.Method)
        {
            reference.DecodeMethodSignature(_signatures, genericContext: null);
        }
        else
        {
            reference.DecodeFieldSignature(_signatures, genericContext: null);
        }
    }

    private void VisitStandalone(StandaloneSignature signature)
    {
        if (signature.GetKind() == StandaloneSignatureKind.Method)
        {
            signature.DecodeMethodSignature(_signatures, genericContext: null);
        }
        else
        {
            signature.DecodeLocalSignature(_signatures, genericContext: null);
        }
    }

    private void AddType(EntityHandle handle, string? member)
    {
        switch (handle.Kind)
        {
            case var _ when handle.IsNil:
                break;
            case HandleKind.TypeReference:
                var (space, name, assembly) = NameOf((TypeReferenceHandle)handle);
                _uses.Add(new TypeUse(_user, space, name, member, assembly));
                break;
            case HandleKind.TypeDefinition:
                var (ownSpace, ownName) = NameOf((TypeDefinitionHandle)handle);
                _uses.Add(new TypeUse(_user, ownSpace, ownName, member, _assembly));
                break;
            case HandleKind.TypeSpecification:
                VisitConstructed((TypeSpecificationHandle)handle, member);
                break;
        }
    }

    // In a constructed type such as List<DateTime> the signature names List first, and the member is List's.
    private void VisitConstructed(TypeSpecificationHandle handle, string? member)
    {
        var owned = member;
        var visitor = new SignatureVisitor(part =>
        {
            AddType(part, owned);
            owned = null;
        });
        _metadata.GetTypeSpecification(handle).DecodeSignature(visitor, genericContext: null);
    }

    private (string Namespace, string Name) NameOf(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var name = _metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } outer)
        {
            var (space, outerName) = NameOf(outer);
            return (space, $"{outerName}+{name}");
        }

        return (_metadata.GetString(type.Namespace), name);
    }

    private (string Namespace, string Name, string Assembly) NameOf(TypeReferenceHandle handle)
    {
        var type = _metadata.GetTypeReference(handle);
        var name = _metadata.GetString(type.Name);
        switch (type.ResolutionScope.Kind)
        {
            case HandleKind.TypeReference:
                var (space, outerName, assembly) = NameOf((TypeReferenceHandle)type.ResolutionScope);
                return (space, $"{outerName}+{name}", assembly);
            case HandleKind.AssemblyReference:
                var scope = _metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
                return (_metadata.GetString(type.Namespace), name, _metadata.GetString(scope.Name));
            default:
                return (_metadata.GetString(type.Namespace), name, _assembly);
        }
    }
}
