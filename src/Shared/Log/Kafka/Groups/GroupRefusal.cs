using Confluent.Kafka;

namespace Lambda.Log.Kafka.Groups;

/// <summary>What a group refuses for good, and what can be done about it.</summary>
internal static class GroupRefusal
{
    /// <summary>Whether waiting does not cure it.</summary>
    public static bool IsFinal(Error error) => error.IsFatal || error.Code is ErrorCode.GroupAuthorizationFailed or ErrorCode.InconsistentGroupProtocol
        or ErrorCode.InvalidGroupId or ErrorCode.UnsupportedVersion or ErrorCode.UnsupportedAssignor or ErrorCode.FencedInstanceId;

    public static EventLogException Of(string group, KafkaException refusal)
    {
        var reason = new KafkaError((int)refusal.Error.Code, refusal.Error.Reason);
        return new EventLogException($"The Kafka group '{group}' cannot be joined: {reason} {Remedy(refusal.Error.Code)}", refusal);
    }

    private static string Remedy(ErrorCode code) => code switch
    {
        ErrorCode.GroupAuthorizationFailed => "Allow this client's user to read the group.",
        ErrorCode.InconsistentGroupProtocol => "Other members of the group use another protocol or other streams: give this process a group of its own.",
        ErrorCode.UnsupportedVersion => $"The brokers do not know this protocol: set {nameof(KafkaOptions)}.{nameof(KafkaOptions.GroupProtocol)} to {KafkaGroupProtocol.Cooperative}.",
        ErrorCode.FencedInstanceId => "Another process has the same group.instance.id.",
        _ => "Check the brokers and the options of the group.",
    };
}
